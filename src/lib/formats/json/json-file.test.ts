// JSON as Python writes it: numbers outside of JSON, distinguished from words in a text.

import { expect, test } from 'vitest';
import { readJsonFile } from './json-file.ts';
import { createMemoryFolder } from '../memory-folder.ts';

const read = (text: string) => readJsonFile(createMemoryFolder('m', new Map([['a.json', text]])), 'a.json');

test.each<[string, object]>([
  ['{"a": Infinity, "b": -Infinity, "c": [Infinity]}', { a: Infinity, b: -Infinity, c: [Infinity] }],
  ['{"a": NaN}', { a: 'NaN' }],
  ['{"Infinity": "-Infinity, NaN \\" NaN", "b\\\\": NaN}', { Infinity: '-Infinity, NaN " NaN', 'b\\': 'NaN' }],
])('%s', async (text, value) => {
  expect(await read(text)).toEqual(value);
});

test.each(['{"a": "NaN', '{"a": NaNs}', '{"a": +Infinity}', '{NaN: 1', `{"a": ${'"\\"'.repeat(20_000)} NaN`])(
  'what is no JSON for Python either is refused',
  async (text) => {
    await expect(read(text)).rejects.toThrow(/not valid JSON/);
  },
);
