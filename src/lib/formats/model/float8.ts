// Numbers of 8 bits as floats: E4M3 (no infinity, one NaN) and E5M2 (the upper half of an f16), as weights and scales are stored.

import { halfAt } from '#lib/core/half.ts';

export type Float8 = 'F8_E4M3' | 'F8_E5M2';

export const isFloat8 = (dtype: string): dtype is Float8 => dtype === 'F8_E4M3' || dtype === 'F8_E5M2';

/** The value of each of the 256 patterns. */
export function float8Values(dtype: Float8): Float32Array {
  return Float32Array.from({ length: 256 }, (_, bits) => (dtype === 'F8_E5M2' ? halfAt(bits << 8, 0) : e4m3(bits)));
}

function e4m3(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 15;
  const fraction = bits & 7;
  if (exponent === 15 && fraction === 7) return NaN;
  return exponent === 0 ? sign * fraction * 2 ** -9 : sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}
