// Receipts of answers on this device: the block as it was signed, and what lists show of it. Whether it is true is not kept here; anyone
// verifies the block.

import { liveQuery } from 'dexie';
import type { Database } from './database.ts';
import { StorageError } from './errors.ts';

export interface KeptReceipt {
  /** The receipt's digest. */
  id: string;
  /** Content id of its block. */
  cid: string;
  bytes: Uint8Array;
  /** Salts, texts and tokens as their holder would reveal them; null where only the receipt is here. They never leave by themselves. */
  revealed: string | null;
  /** The message of a conversation that it is for; null for a receipt of others. */
  message: string | null;
  /** Seconds since 1970, as the receipt says. */
  time: number;
}

export interface Receipts {
  get(id: string): Promise<KeptReceipt | undefined>;
  put(receipt: KeptReceipt): Promise<void>;
  remove(id: string): Promise<void>;
  /** Calls back with all of them now and after every change, in this tab or another; newest first. Returns a way to stop. */
  watch(onChange: (all: KeptReceipt[]) => void, onError: (error: StorageError) => void): () => void;
}

export function createReceipts({ receipts: table }: Database): Receipts {
  const guard = async <T>(work: PromiseLike<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new StorageError(error);
    }
  };
  return {
    get: (id) => guard(table.get(id)),
    put: async (receipt) => void (await guard(table.put(receipt))),
    remove: (id) => guard(table.delete(id)),
    watch(onChange, onError) {
      const subscription = liveQuery(() => table.orderBy('time').reverse().toArray()).subscribe(onChange, (error) =>
        onError(new StorageError(error)),
      );
      return () => subscription.unsubscribe();
    },
  };
}
