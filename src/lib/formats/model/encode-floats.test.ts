// Floats written and read again: values that a type can hold stay, others are rounded to the nearest, ties to even.

import { expect, test } from 'vitest';
import { encodeFloats } from './encode-floats.ts';
import { decodeFloats } from './floats.ts';

const again = (dtype: 'F32' | 'F16' | 'BF16' | 'F64', ...values: number[]) => [
  ...decodeFloats(encodeFloats(Float32Array.from(values), dtype, 't'), dtype, 't'),
];

test.each(['F32', 'F16', 'BF16', 'F64'] as const)('%s keeps what it can hold', (dtype) => {
  const values = [0, 1, -2.5, 0.15625, 2 ** -14, Infinity];
  expect(again(dtype, ...values)).toEqual(values);
});

test('BF16 rounds to the nearest, ties to even, and keeps NaN', () => {
  expect(again('BF16', 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20)).toEqual([1, 1 + 2 ** -6, 1 + 2 ** -7]);
  expect(again('BF16', NaN)).toEqual([NaN]);
});

test('a value beyond f16 is refused, and so is a type of integers', () => {
  expect(() => again('F16', 65_520)).toThrow(/t: the value 65520 is too great for f16/);
  expect(again('F16', 65_519)).toEqual([65_504]);
  expect(() => encodeFloats(new Float32Array(1), 'I32', 't')).toThrow(/cannot be written as "I32"/);
});
