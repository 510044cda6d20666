import { describe, expect, it } from 'vitest';
import { halfAt, toHalf } from './half.ts';

describe('f16', () => {
  it('every bit pattern survives the way there and back', () => {
    for (let bits = 0; bits < 0x1_0000; bits++) {
      const value = halfAt(bits, 0);
      if (Number.isNaN(value)) expect(halfAt(toHalf(value), 0)).toBeNaN();
      else expect(toHalf(value)).toBe(bits);
    }
  });

  it('rounds to the nearest, ties to even, and overflows to infinity', () => {
    expect(halfAt(toHalf(1 + 2 ** -11), 0)).toBe(1);
    expect(halfAt(toHalf(1 + 3 * 2 ** -11), 0)).toBe(1 + 2 ** -9);
    expect(halfAt(toHalf(2 ** -25), 0)).toBe(0);
    expect(halfAt(toHalf(2 ** -25 * 1.01), 0)).toBe(2 ** -24);
    expect(halfAt(toHalf(65519.9), 0)).toBe(65504);
    expect(halfAt(toHalf(65520), 0)).toBe(Infinity);
    expect(halfAt(0x3c00_4000, 1)).toBe(1);
  });
});
