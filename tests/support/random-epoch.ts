// Random models, calls and contributors, for epochs with unforeseen combinations.

import fc from 'fast-check';
import type { Hex } from '#lib/core/bytes.ts';
import { commitInfluenceRows, VECTOR_SIZE, type Influence, type InfluenceRow } from '#lib/formats/payment/influence.ts';
import { createRng } from '#lib/core/rng.ts';
import type { Lineage } from '#lib/formats/payment/lineage.ts';
import type { PaidCall } from '#lib/settlement/build-epoch.ts';

export const bytes = (size: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((found): Hex => `0x${Buffer.from(found).toString('hex')}`);

export const vectors = fc.int8Array({ minLength: 256, maxLength: 256 });
export const uint = (bits: number) => fc.bigInt(0n, 2n ** BigInt(bits) - 1n);

const padded = (value: number, size: number): Hex => `0x${value.toString(16).padStart(2 * size, '0')}`;
/** A small set, so that accounts repeat; the first is the zero address. */
const contributors = fc.nat(4).map((who) => padded(who === 0 ? 0 : 0xa0 + who, 20));

export const rows: fc.Arbitrary<InfluenceRow> = fc.record({
  rowLeaf: bytes(32),
  cluster: fc.nat(90).map((cluster) => padded(cluster + 1, 32)),
  contributor: contributors,
  datanet: fc.constantFrom(1n, 2n),
  version: fc.constantFrom(1, 2),
  scale: fc.integer({ min: 0, max: 0xffff }),
  vector: vectors,
  base: fc.bigInt(0n, 2n ** 40n),
});

/** Cites three of the four Datanet versions that rows are from. */
export const lineage: Lineage = {
  parent: { model: 3n, version: 1 },
  refs: [
    { datanet: 1n, version: 1, weight: 10 },
    { datanet: 1n, version: 2, weight: 5 },
    { datanet: 2n, version: 2, weight: 1 },
  ],
};

/** Rows, calls and pools from a seed: quick to make, and a failing seed reproduces the case. */
export function randomCalls(seed: number): PaidCall[] {
  const rng = createRng(seed);
  const hex = (size: number): Hex =>
    `0x${Array.from({ length: size }, () => rng.below(256).toString(16).padStart(2, '0')).join('')}`;
  const vector = () => Int8Array.from({ length: VECTOR_SIZE }, () => rng.below(256) - 128);
  const rowOf = (clusters: number): InfluenceRow => ({
    rowLeaf: hex(32),
    cluster: padded(1 + rng.below(clusters), 32),
    contributor: rng.below(8) === 0 ? padded(0, 20) : padded(0xa1 + rng.below(5), 20),
    datanet: BigInt(1 + rng.below(2)),
    version: 1 + rng.below(2),
    scale: 1 + rng.below(0xffff),
    vector: vector(),
    base: BigInt(rng.below(1000)),
  });
  const commit = (count: number, clusters: number) =>
    commitInfluenceRows(Array.from({ length: count }, () => rowOf(clusters)));
  const callTo = (model: bigint, influence: Influence | null, isFlat: boolean): PaidCall => ({
    callId: hex(32),
    model,
    version: 1,
    influence,
    lineage,
    vector: isFlat ? null : { scale: 1 + rng.below(0xffff), values: vector() },
    threshold: isFlat ? 0n : BigInt(rng.below(1000)),
    poolWei: BigInt(rng.below(2 ** 30)) * 10n ** BigInt(rng.below(12)),
  });
  // Enough rows for the longest list, or a handful; some share a cluster.
  const [many, few] = [commit(320, 240), commit(14, 8)];
  return [
    callTo(7n, many, false),
    callTo(7n, many, false),
    callTo(7n, many, true),
    callTo(8n, few, false),
    callTo(8n, few, true),
    callTo(9n, null, false),
  ];
}
