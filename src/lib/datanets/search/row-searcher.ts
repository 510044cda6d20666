// Searches over one version, fed with the bytes of its shards: what a worker answers to, and a test calls.

import type { Digester } from '#lib/core/digester.ts';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';
import { parseShard } from '#lib/dataset/version-reader.ts';
import type { ColumnFigures } from './column-values.ts';
import { createRowIndex, type FoundRows, type RowQuery } from './row-index.ts';

/** As a message between threads can carry it. */
export type ShardEntry = Omit<Shard, 'cid'>;

export interface RowSearcher {
  /** Begins anew, for rows with these fields. */
  begin(columns: readonly string[]): Promise<void>;
  /** The next shard, whose bytes are checked against `shard`; how many rows there are now. @throws as `parseShard` */
  add(bytes: Uint8Array, shard: ShardEntry, file: string): Promise<number>;
  search(query: RowQuery, most: number): Promise<FoundRows>;
  columns(): Promise<ColumnFigures[]>;
}

export function createRowSearcher(createDigester: () => Promise<Digester>): RowSearcher {
  let index = createRowIndex([]);
  let digester: Digester | undefined;
  return {
    async begin(columns) {
      digester ??= await createDigester();
      index = createRowIndex(columns);
    },
    async add(bytes, shard, file) {
      digester ??= await createDigester();
      for (const { value } of parseShard(bytes, shard, file, digester)) index.add(value);
      return index.rows;
    },
    search: async (query, most) => index.search(query, most),
    columns: async () => index.columns(),
  };
}
