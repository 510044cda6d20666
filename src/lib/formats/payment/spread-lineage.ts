// Divides what a lineage has collected among its parent, the curators and the Datanet versions, to the wei, as `spread` of
// contracts/src/attribution/FlatStream.sol does.

import { citedKey, type DatanetRef, type Lineage, type ModelVersion } from './lineage.ts';

export interface DatanetPart extends DatanetRef {
  /** Credited to the owner of the Datanet, for its curators. */
  curatorsWei: bigint;
  /** Income of the version, shared by holders. */
  holdersWei: bigint;
}

export interface LineageSpread {
  /** Null without a parent. */
  up: (ModelVersion & { wei: bigint }) | null;
  datanets: DatanetPart[];
  /** Lost to rounding for now; it is spread the next time. */
  leftWei: bigint;
}

/** A child with references gives its parent one part of these. */
const ROYALTY_PARTS = 10n;

/** `curatorBps` is read by `citedKey`. Every part is rounded down. */
export function spreadLineage(
  amountWei: bigint,
  { parent, refs }: Lineage,
  curatorBps: (key: bigint) => number,
): LineageSpread {
  const upWei = refs.length === 0 ? amountWei : parent === null ? 0n : amountWei / ROYALTY_PARTS;
  const rest = amountWei - upWei;
  const weights = refs.reduce((sum, { weight }) => sum + BigInt(weight), 0n);
  const datanets = refs.map((ref): DatanetPart => {
    const part = (rest * BigInt(ref.weight)) / weights;
    const curatorsWei = (part * BigInt(curatorBps(citedKey(ref)))) / 10_000n;
    return { ...ref, curatorsWei, holdersWei: part - curatorsWei };
  });
  const used = datanets.reduce((sum, { curatorsWei, holdersWei }) => sum + curatorsWei + holdersWei, 0n);
  return { up: parent === null ? null : { ...parent, wei: upWei }, datanets, leftWei: rest - used };
}
