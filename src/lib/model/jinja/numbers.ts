// What counts as a number: ints, floats and, as in Python, booleans.

import { fail } from './failure.ts';
import type { Value } from './values.ts';

export const isNumber = (value: Value): value is boolean | bigint | number =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean';

export const numeric = (value: boolean | bigint | number): bigint | number =>
  typeof value === 'boolean' ? BigInt(value) : value;

export function toFloat(value: bigint | number): number {
  const float = Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(float))
    return fail('ArithmeticError', 'int too large to convert to float');
  return float;
}
