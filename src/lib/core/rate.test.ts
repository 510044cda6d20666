// The rate at which bytes arrive.

import { expect, it } from 'vitest';
import { Rate } from './rate.ts';

it('is 0 in the first second, then that of the last seconds', () => {
  const rate = new Rate();
  expect(rate.at(0, 10_000)).toBe(0);
  expect(rate.at(5_000_000, 10_200)).toBe(0);
  expect(rate.at(6_000_000, 11_000)).toBe(6_000_000);
  // The initial burst is outside the window.
  for (let second = 2; second <= 8; second++) rate.at(6_000_000 + second * 1_000, 10_000 + second * 1_000);
  expect(rate.at(6_009_000, 19_000)).toBeCloseTo(1_000, -2);
});
