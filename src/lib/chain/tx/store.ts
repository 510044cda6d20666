// Storage of transactions, and a store in memory.

import type { TxRecord } from './record.ts';

/** Every method is atomic: it succeeds completely or rejects. */
export interface TxStore {
  put(record: TxRecord): Promise<void>;
  get(id: string): Promise<TxRecord | undefined>;
  /** Transactions of one chain, newest first. */
  list(chainId: number): Promise<TxRecord[]>;
}

export function createMemoryTxStore(): TxStore {
  const records = new Map<string, TxRecord>();
  return {
    async put(record) {
      records.set(record.id, structuredClone(record));
    },
    async get(id) {
      return structuredClone(records.get(id));
    },
    async list(chainId) {
      return [...records.values()]
        .filter((record) => record.chainId === chainId)
        .sort((a, b) => b.createdAt - a.createdAt)
        .map((record) => structuredClone(record));
    },
  };
}
