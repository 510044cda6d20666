// The rows of a model version and the tree that its owner commits, byte for byte like contracts/src/attribution/lib/RowCodec.sol.

import { sizedBytes, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { vectorBytes } from './call-vector.ts';
import { TAG } from './hash-tags.ts';
import { buildPlaceTree, type PlaceTree } from './place-tree.ts';

/** Most rows of a commitment, as in contracts/src/attribution/InfluenceBook.sol. */
export const MOST_ROWS = 2 ** 20;

export interface InfluenceRow {
  /** sha256 of the canonical row. */
  rowLeaf: Hex;
  /** Rows with the same content share a cluster. 32 bits. */
  cluster: number;
  contributor: Hex;
  /** The row's Datanet and version. */
  datanet: bigint;
  version: number;
  /** 16 bits. */
  scale: number;
  vector: Int8Array;
}

/** What a model version commits to: the tree over its rows, and its size. */
export interface Influence {
  rows: readonly InfluenceRow[];
  tree: PlaceTree;
  root: Hex;
}

/** The node of the row's leaf. @throws OutOfRangeError for a field that does not fit */
export const influenceLeaf = (row: InfluenceRow): Uint8Array =>
  keccak256(
    Uint8Array.of(TAG.influence),
    sizedBytes(row.rowLeaf, 32),
    uintBytes(row.cluster, 4),
    sizedBytes(row.contributor, 20),
    uintBytes(row.datanet, 8),
    uintBytes(row.version, 4),
    uintBytes(row.scale, 2),
    keccak256(vectorBytes(row.vector)),
  );

/** @throws OutOfRangeError for more than 2^20 rows, or a row with a field that does not fit */
export function commitInfluenceRows(rows: readonly InfluenceRow[]): Influence {
  if (rows.length > MOST_ROWS) throw new OutOfRangeError(`${rows.length} rows are more than ${MOST_ROWS}`);
  const tree = buildPlaceTree(rows.map(influenceLeaf));
  return { rows, tree, root: tree.root };
}

/** Places of rows that have the content of an earlier one: anyone who shows both voids the commitment. */
export function repeatedRows(rows: readonly Pick<InfluenceRow, 'rowLeaf'>[]): number[] {
  const seen = new Set<string>();
  return rows.flatMap(({ rowLeaf }, at) => {
    const key = rowLeaf.toLowerCase();
    if (seen.has(key)) return [at];
    seen.add(key);
    return [];
  });
}
