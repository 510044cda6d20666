// JSON read without loss: numbers as they are written, keys in their order, and bounds.

import { expect, test } from 'vitest';
import { parseExactJson } from './exact-json.ts';

test('numbers keep what JSON.parse loses', () => {
  const value = parseExactJson('[1, 1.0, -0, 1e2, 0.5, 12345678901234567890, 9007199254740992, NaN, -Infinity]', 'f');
  expect(value).toEqual([1, Object(1), 0, Object(100), 0.5, 12345678901234567890n, 9007199254740992n, NaN, -Infinity]);
  expect(Object.is((value as number[])[2], 0)).toBe(true);
});

test('keys that look like numbers keep their place; the rest is as in JSON.parse', () => {
  const text = '{"a": {"10": 1, "2": 2}, "b": ["x\\n\\u00e9", true, null, {}], "a": {"b": 1, "1": 2}}';
  const value = parseExactJson(text, 'f') as { a: Map<string, number>; b: unknown };
  expect([...value.a]).toEqual([
    ['b', 1],
    ['1', 2],
  ]);
  expect(value.b).toEqual(['x\né', true, null, {}]);
  expect(parseExactJson('{"__proto__": 1}', 'f')).toEqual(new Map([['__proto__', 1]]));
});

test('values can be posted to a worker', () => {
  const value = parseExactJson('{"x": [1.0, 12345678901234567890, {"1": 2}]}', 'f');
  expect(structuredClone(value)).toEqual(value);
});

test.each([
  ['', /expected a value/],
  ['[1,]', /expected a value/],
  ['[1 2]', /expected "," or "\]"/],
  ['{"a" 1}', /expected ":"/],
  ['{a: 1}', /a text does not end/],
  ['"\n"', /not allowed/],
  ['"a', /does not end/],
  ['1 2', /something follows the end/],
  ['01', /something follows the end/],
  ['['.repeat(9999), /nested more than 200/],
  ['9'.repeat(9999), /more than 4300 digits/],
])('%j is refused', (text, message) => {
  expect(() => parseExactJson(text, 'f.json')).toThrow(message);
});
