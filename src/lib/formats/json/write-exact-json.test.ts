// JSON written as it was read: the same numbers in the same form.

import { expect, test } from 'vitest';
import { parseExactJson } from './exact-json.ts';
import { writeExactJson } from './write-exact-json.ts';

test.each([
  '1',
  '1.0',
  '500000.0',
  '1e-05',
  '0.5',
  '12345678901234567890',
  'NaN',
  '-Infinity',
  'true',
  'null',
  '[]',
  '{}',
  '"a\\n\\"b"',
])('%s is read again as the same value', (text) => {
  expect(parseExactJson(writeExactJson(parseExactJson(text, 'f')), 'f')).toEqual(parseExactJson(text, 'f'));
});

test('fields keep their order, with two spaces for each level', () => {
  const text = '{\n  "b": [\n    1,\n    2.0\n  ],\n  "10": {\n    "a": null\n  }\n}';
  expect(writeExactJson(parseExactJson(text, 'f'))).toBe(text);
});
