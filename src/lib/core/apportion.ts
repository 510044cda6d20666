// Divides a whole among weights without losing or making a unit: largest remainder. It knows integers only.

import { OutOfRangeError } from './errors.ts';

/**
 * Parts that add up to exactly `total`: each is total x weight / sum of weights rounded down, and what is missing goes, one
 * by one, to the largest remainders; among equals to the earlier. Weights are not negative; when all are zero no part
 * can be given, and `total` must be zero.
 */
export function apportion(total: bigint, weights: readonly bigint[]): bigint[] {
  if (total < 0n || weights.some((weight) => weight < 0n)) throw new OutOfRangeError('A part cannot be negative');
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  if (sum === 0n) {
    if (total !== 0n) throw new OutOfRangeError(`${total} cannot be divided among weights that are all zero`);
    return weights.map(() => 0n);
  }
  const parts = weights.map((weight) => (total * weight) / sum);
  const missing = Number(total - parts.reduce((all, part) => all + part, 0n));
  const remainders = weights.map((weight, at) => ({ at, rest: (total * weight) % sum }));
  remainders.sort((a, b) => (a.rest === b.rest ? a.at - b.at : a.rest < b.rest ? 1 : -1));
  for (const { at } of remainders.slice(0, missing)) parts[at]! += 1n;
  return parts;
}
