// Storage of the indexer: rows by table and key, the last blocks with their undo data, and the position reached. Types, and a
// store in memory.

import type { Hash } from 'viem';

/** Plain values that every store can hold; amounts as decimal text. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

export interface Change {
  table: string;
  key: string;
  /** null: the row does not exist. */
  row: Row | null;
}

/** A recent block that a reorganisation may remove, and the previous values of the rows it changed. */
export interface RingBlock {
  number: number;
  hash: Hash;
  parentHash: Hash;
  undo: readonly Change[];
}

/** Rows are current up to and including block `number`. */
export interface Cursor {
  number: number;
  hash: Hash;
}

/** The changes of a commit; other rows stay. */
export interface Commit {
  changes: readonly Change[];
  cursor: Cursor | null;
  /** The newest blocks in order, at most RING_BLOCKS. */
  ring: readonly RingBlock[];
}

/** Every method is atomic: it succeeds completely or rejects. */
export interface RowStore {
  load(): Promise<{ cursor: Cursor | null; ring: readonly RingBlock[] }>;
  get(table: string, key: string): Promise<Row | null>;
  list(table: string): Promise<{ key: string; row: Row }[]>;
  commit(what: Commit): Promise<void>;
  clear(): Promise<void>;
}

/** Blocks that can be undone; after a deeper reorganisation the indexer starts again from the first block. */
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
