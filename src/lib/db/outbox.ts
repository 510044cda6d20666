// Signed contributions on this device and how far each has come: uploaded, on chain. Every step is stored before the next.

import { liveQuery } from 'dexie';
import type { Database } from './database.ts';
import { StorageError } from './errors.ts';

/** `kept`: signed and stored here. `pinned`: pinners have it, or none is needed. `done`: it is on chain. */
export type OutboxStage = 'kept' | 'pinned' | 'done';

export interface OutboxRecord {
  /** Id of the contribution, its CID. */
  id: string;
  chainId: number;
  /** Number of the Datanet on its chain, as decimal text. */
  datanet: string;
  /** Shown to people. */
  datanetName: string;
  /** In lower case. */
  contributor: string;
  /** sha2-256 digest of the id. */
  content: string;
  rows: number;
  rowRoot: string;
  /** Id of the ring of keys, when its rows are sealed. */
  ring: string | null;
  /** Who pays the fee: the contributor, or an account that takes the offer. */
  payer: 'contributor' | 'other';
  /** The signed offer, when another account pays the fee. */
  offer: string | null;
  /** Addresses of pinners where the offer waits. */
  handedInAt?: readonly string[];
  stage: OutboxStage;
  /** Why the last attempt failed, in words; empty when it did not. */
  problem: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

export interface Outbox {
  put(record: OutboxRecord): Promise<void>;
  remove(id: string): Promise<void>;
  /** Oldest first. */
  list(): Promise<OutboxRecord[]>;
  /** Calls back with all of them now and after every change, in this tab or another. Returns a way to stop. */
  watch(onChange: (all: OutboxRecord[]) => void, onError: (error: StorageError) => void): () => void;
}

export function createOutbox(database: Database): Outbox {
  const table = database.outbox;
  const guard = async <T>(work: PromiseLike<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new StorageError(error);
    }
  };
  const all = () => table.orderBy('createdAt').toArray();
  return {
    put: async (record) => void (await guard(table.put(record))),
    remove: (id) => guard(table.delete(id)),
    list: () => guard(all()),
    watch(onChange, onError) {
      const subscription = liveQuery(all).subscribe(onChange, (error) => onError(new StorageError(error)));
      return () => subscription.unsubscribe();
    },
  };
}
