// How a call's money is shared, in integers: the rule that contracts, builders and watchers apply alike
// (contracts/src/attribution/lib/CallRule.sol).

import { toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { dotProduct } from './call-vector.ts';
import type { InfluenceRow } from './influence.ts';

/** Most entries of a call. */
export const TOP_ENTRIES = 64;

/** What a row gets of a call. */
export interface CallEntry {
  account: Hex;
  /** Index of the row in the influence tree. */
  row: number;
  cluster: number;
  /** Below 2^40. */
  weight: number;
}

/** `account: 20 bytes | row: 3 | cluster: 4 | weight: 5`. @throws OutOfRangeError */
export const packEntry = ({ account, row, cluster, weight }: CallEntry): bigint =>
  BigInt(
    toHex(
      Uint8Array.of(
        ...uintBytes(BigInt(account), 20),
        ...uintBytes(row, 3),
        ...uintBytes(cluster, 4),
        ...uintBytes(weight, 5),
      ),
    ),
  );

const low = (value: bigint, bits: number): number => Number(BigInt.asUintN(bits, value));

export const readEntry = (word: bigint): CallEntry => ({
  account: toHex(uintBytes(BigInt.asUintN(160, word >> 96n), 20)),
  row: low(word >> 72n, 24),
  cluster: low(word >> 40n, 32),
  weight: low(word, 40),
});

/** A call's part of its redemption's influence money, rounded down. */
export const callPool = (costWei: bigint, poolWei: bigint, grossWei: bigint): bigint =>
  grossWei === 0n ? 0n : (costWei * poolWei) / grossWei;

/** max(0, dot * scale - threshold), which is exact in a double: the product is at most 2^38. */
export const rowWeight = (vector: Int8Array, row: Pick<InfluenceRow, 'vector' | 'scale'>, threshold: number): number =>
  Math.max(0, dotProduct(vector, row.vector) * row.scale - threshold);

/** The order of a call's list: weight descending, cluster ascending. */
export const precedes = (a: Pick<CallEntry, 'weight' | 'cluster'>, b: Pick<CallEntry, 'weight' | 'cluster'>): boolean =>
  a.weight > b.weight || (a.weight === b.weight && a.cluster < b.cluster);

/**
 * The entries of a call from the weights of all rows (0 for a row that does not count): per cluster the row of the largest
 * weight (equal: the lower index), of those the first 64, by cluster.
 */
export function listEntries(
  rows: readonly Pick<InfluenceRow, 'contributor' | 'cluster'>[],
  weights: ArrayLike<number>,
): CallEntry[] {
  const best = new Map<number, CallEntry>();
  rows.forEach(({ contributor, cluster }, row) => {
    const weight = weights[row]!;
    if (weight === 0) return;
    const found = best.get(cluster);
    // In lower case, so that one account has one name.
    const account = contributor.toLowerCase() as Hex;
    if (!found || weight > found.weight) best.set(cluster, { account, row, cluster, weight });
  });
  return [...best.values()]
    .sort((a, b) => b.weight - a.weight || a.cluster - b.cluster)
    .slice(0, TOP_ENTRIES)
    .sort((a, b) => a.cluster - b.cluster);
}

/** What each entry gets of the call's pool, rounded down. */
export function entryParts(entries: readonly Pick<CallEntry, 'weight'>[], poolWei: bigint): bigint[] {
  const sum = BigInt(entries.reduce((all, { weight }) => all + weight, 0));
  return entries.map(({ weight }) => (poolWei * BigInt(weight)) / sum);
}

/** Whether a row belongs in the entries and is not there. */
export function isOmitted(
  entries: readonly CallEntry[],
  { weight, row, cluster }: Omit<CallEntry, 'account'>,
): boolean {
  if (weight === 0) return false;
  const same = entries.find((entry) => entry.cluster === cluster);
  if (same) return weight > same.weight || (weight === same.weight && row < same.row);
  return entries.length < TOP_ENTRIES || entries.some((entry) => precedes({ weight, cluster }, entry));
}
