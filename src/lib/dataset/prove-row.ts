// The proof that a row belongs to a version: reads one shard and the manifest. Solidity verifies it with OpenZeppelin's
// MerkleProof, given the row root that was published.

import { fromHex, toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { rowProof } from '#lib/core/row-tree.ts';
import { RowUnknownError } from './errors.ts';
import type { OpenVersion, VersionRow } from './version-reader.ts';

export interface RowProof {
  row: VersionRow;
  /** Position in the version, from 0. */
  index: number;
  leaf: Hex;
  /** From the leaf upwards: first within the shard, then among the shards. */
  siblings: Hex[];
  root: Hex;
}

/**
 * Proves the row with id `name`, or, without such an id, the row at position `name` (from 0).
 * @throws RowUnknownError, and errors of reading the version
 *
 * @example
 * import { readPublishedVersion } from '#lib/chain/reads/read-published-version.ts';
 * import { proveRow } from '#lib/dataset/prove-row.ts';
 *
 * const { leaf, siblings, root } = await proveRow(version, 'bird-17', digester, signal);
 * const isOnChain = root === (await readPublishedVersion(chain, 3n, version.version.n))?.rowsRoot;
 */
export async function proveRow(
  version: OpenVersion,
  name: string,
  digester: Digester,
  signal?: AbortSignal,
): Promise<RowProof> {
  const found = (await findById(version, name, signal)) ?? (await findByPlace(version, name, signal));
  if (!found) throw new RowUnknownError(version.name, name, version.version.stats.rows);
  const { rows, shard, at, before } = found;
  const row = rows[at]!;
  const within = rowProof(
    rows.map(({ leaf }) => leaf),
    at,
    digester,
  );
  const above = rowProof(
    version.shards.map(({ rowRoot }) => fromHex(rowRoot)),
    shard,
    digester,
  );
  return {
    row,
    index: before + at,
    leaf: toHex(row.leaf),
    siblings: [...within, ...above],
    root: version.version.rowRoot,
  };
}

interface Found {
  rows: VersionRow[];
  shard: number;
  at: number;
  /** Rows in earlier shards. */
  before: number;
}

const rowsBefore = ({ shards }: OpenVersion, shard: number): number =>
  shards.slice(0, shard).reduce((sum, { rows }) => sum + rows, 0);

async function findById(version: OpenVersion, id: string, signal?: AbortSignal): Promise<Found | null> {
  // The last shard whose first key is not greater.
  const shard = version.shards.findLastIndex(({ firstKey }) => firstKey <= id);
  if (shard < 0) return null;
  const rows = await version.rows(version.shards[shard]!, signal);
  const at = rows.findIndex((row) => row.id === id);
  return at < 0 ? null : { rows, shard, at, before: rowsBefore(version, shard) };
}

async function findByPlace(version: OpenVersion, place: string, signal?: AbortSignal): Promise<Found | null> {
  if (!/^\d{1,15}$/.test(place)) return null;
  let before = 0;
  for (const [shard, { rows: count }] of version.shards.entries()) {
    const at = Number(place) - before;
    if (at < count) return { rows: await version.rows(version.shards[shard]!, signal), shard, at, before };
    before += count;
  }
  return null;
}
