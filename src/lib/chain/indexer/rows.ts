// Where the indexer keeps what it has read: rows by table and key, the last blocks with what they changed, and how far it
// has come. Types, and the store that forgets with the process.

import type { Hash } from 'viem';

/** Plain values, so that every store can hold them; amounts as decimal text. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

export interface Change {
  table: string;
  key: string;
  /** null: there is no such row. */
  row: Row | null;
}

/** A block that may still be taken out of the chain, and the rows as they were before it. */
export interface RingBlock {
  number: number;
  hash: Hash;
  parentHash: Hash;
  undo: readonly Change[];
}

/** How far the rows are right: up to and with block `number`. */
export interface Cursor {
  number: number;
  hash: Hash;
}

/** What a commit leaves; rows not named stay. */
export interface Commit {
  changes: readonly Change[];
  cursor: Cursor | null;
  /** The newest blocks in order, at most RING_BLOCKS. */
  ring: readonly RingBlock[];
}

/** Every method happens wholly or rejects. */
export interface RowStore {
  load(): Promise<{ cursor: Cursor | null; ring: readonly RingBlock[] }>;
  get(table: string, key: string): Promise<Row | null>;
  list(table: string): Promise<{ key: string; row: Row }[]>;
  commit(what: Commit): Promise<void>;
  clear(): Promise<void>;
}

/** Blocks that can be undone; a deeper reorganisation starts again from the first block. */
export const RING_BLOCKS = 64;

export function createMemoryRowStore(): RowStore {
  const tables = new Map<string, Map<string, Row>>();
  let cursor: Cursor | null = null;
  let ring: readonly RingBlock[] = [];
  return {
    load: async () => ({ cursor, ring }),
    get: async (table, key) => tables.get(table)?.get(key) ?? null,
    list: async (table) =>
      [...(tables.get(table) ?? [])]
        .map(([key, row]) => ({ key, row }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)),
    async commit(what) {
      for (const { table, key, row } of what.changes) {
        const rows = tables.get(table) ?? new Map<string, Row>();
        tables.set(table, rows);
        if (row) rows.set(key, row);
        else rows.delete(key);
      }
      ({ cursor, ring } = what);
    },
    async clear() {
      tables.clear();
      cursor = null;
      ring = [];
    },
  };
}
