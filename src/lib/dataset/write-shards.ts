// Writes sorted rows into shards with content-defined boundaries; builds the trees over all rows and over each contributor's
// rows. Memory holds one shard.

import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { rawCidOf, type Block } from '#lib/formats/block/block.ts';
import type { ColumnCounter } from '#lib/formats/datanet/datanet-columns.ts';
import type { DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import { endsRun, isShardFull, MAX_SHARD_BYTES } from '#lib/formats/datanet/datanet-shards.ts';
import { parseJsonObject } from '#lib/formats/json/json-file.ts';
import { createRowTree, type RowTree } from '#lib/core/row-tree.ts';
import { createHolderTree, type HolderTree } from '#lib/formats/payment/holder-tree.ts';
import { RowConflictError } from './errors.ts';
import { createShardList, type ShardList } from './shard-list.ts';
import type { SorterOptions } from './sort-rows.ts';
import type { SortedRow } from './sorted-row.ts';

export interface NumberedRow {
  row: DatanetRow;
  /** From 1. */
  line: number;
}

export interface PackOptions extends SorterOptions {
  /** Rows sorted, then rows written; called from time to time. */
  onProgress?: (stage: 'sort' | 'write', rows: number) => void;
  signal?: AbortSignal | undefined;
}

export interface WrittenShards {
  shards: ShardList;
  /** Over the roots of the shards. */
  top: RowTree;
  owners: Map<Hex, HolderTree>;
  rows: number;
  bytes: number;
  duplicates: number;
}

/**
 * The shards of sorted rows. Identical rows are kept once; their repetition is removed from `columns`, which has counted them
 * already.
 * @throws RowConflictError (two rows with one id), AbortedError
 */
export async function* writeShards(
  sorted: AsyncIterable<SortedRow[]>,
  { name, digester, onProgress, signal }: PackOptions,
  columns?: ColumnCounter,
): AsyncGenerator<Block, WrittenShards, undefined> {
  const shards = createShardList();
  const top = createRowTree(digester);
  const written: WrittenShards = { shards, top, owners: new Map(), rows: 0, bytes: 0, duplicates: 0 };
  const buffer = new Uint8Array(MAX_SHARD_BYTES);
  let used = 0;
  let firstKey = '';
  let tree = createRowTree(digester);
  let before: SortedRow | null = null;

  const close = (): Block => {
    const bytes = buffer.slice(0, used);
    const digest = digester.sha256(bytes);
    const rowRoot = tree.root();
    shards.add({ digest, rows: tree.count, bytes: used, firstKey, rowRoot });
    top.add(rowRoot);
    written.bytes += used;
    tree = createRowTree(digester);
    used = 0;
    return { cid: rawCidOf(digest), bytes };
  };

  for await (const batch of sorted) {
    signal?.throwIfAborted();
    for (const row of batch) {
      if (before?.id === row.id) {
        if (!isEqual(before.leaf, row.leaf)) throw new RowConflictError(name, row.id, [before.line, row.line]);
        columns?.remove(parseJsonObject(new TextDecoder().decode(row.bytes), name));
        written.duplicates++;
        continue;
      }
      before = row;
      if (isShardFull(used, row.bytes.length)) yield close();
      if (used === 0) firstKey = row.id;
      buffer.set(row.bytes, used);
      used += row.bytes.length;
      buffer[used++] = 0x0a;
      tree.add(row.leaf);
      written.rows++;
      if (row.contributor) ownerTree(written, row.contributor, digester).add(row.leaf);
      if (endsRun(tree.count, row.leaf)) yield close();
    }
    onProgress?.('write', written.rows);
  }
  if (used > 0) yield close();
  return written;
}

function ownerTree({ owners }: WrittenShards, address: Hex, digester: Digester): HolderTree {
  let tree = owners.get(address);
  if (!tree) owners.set(address, (tree = createHolderTree(digester)));
  return tree;
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, at) => byte === b[at]);
