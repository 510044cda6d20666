// Parts add up to the whole, and each is less than a unit from its exact share.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { apportion } from './apportion.ts';

it('conserves the whole and stays within a unit of the exact part', () => {
  const weights = fc.array(fc.bigInt(0n, 2n ** 96n), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 96n), weights, (total, given) => {
      const sum = given.reduce((all, weight) => all + weight, 0n);
      fc.pre(sum > 0n);
      const parts = apportion(total, given);
      expect(parts.reduce((all, part) => all + part, 0n)).toBe(total);
      parts.forEach((part, at) => {
        const exact = total * given[at]!;
        expect(part * sum > exact - sum && part * sum < exact + sum).toBe(true);
        if (given[at] === 0n) expect(part).toBe(0n);
      });
    }),
  );
});

it('gives what is missing to the largest remainders, among equals to the earlier', () => {
  expect(apportion(10_000n, [1n, 1n, 1n])).toEqual([3334n, 3333n, 3333n]);
  expect(apportion(5n, [1n, 3n, 2n])).toEqual([1n, 2n, 2n]);
});

it('gives zero parts where all weights are zero, and refuses a total above zero', () => {
  expect(apportion(0n, [0n, 0n])).toEqual([0n, 0n]);
  expect(() => apportion(1n, [0n])).toThrow('all zero');
  expect(() => apportion(1n, [-1n])).toThrow('negative');
});
