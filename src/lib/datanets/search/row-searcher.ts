// Search over one version, fed with the bytes of its shards. Runs in a worker, or directly in tests.

import type { Digester } from '#lib/core/digester.ts';
import type { Shard } from '#lib/formats/datanet/datanet-version.ts';
import { parseShard } from '#lib/dataset/version-reader.ts';
import type { ColumnFigures } from './column-values.ts';
import { createRowIndex, type FoundRows, type RowQuery } from './row-index.ts';

/** A shard in a form that can be posted to a worker. */
export type ShardEntry = Omit<Shard, 'cid'>;

export interface RowSearcher {
  /** Resets the index, for rows with these fields. */
  begin(columns: readonly string[]): Promise<void>;
  /** Adds the next shard after checking its bytes against `shard`; returns the number of rows so far. @throws as `parseShard` */
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
