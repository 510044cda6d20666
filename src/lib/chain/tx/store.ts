// Where transactions are kept, and the store that forgets with the process. It knows nothing of what they mean.

import type { TxRecord } from './record.ts';

/** Every method happens wholly or rejects. */
export interface TxStore {
  put(record: TxRecord): Promise<void>;
  get(id: string): Promise<TxRecord | undefined>;
  /** Those of one chain, newest first. */
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
