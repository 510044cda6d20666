// Contributions on their way, on this device: what was signed and how far each has come. Every step is noted before the next.

import { liveQuery } from 'dexie';
import type { Database } from './database.ts';
import { StorageError } from './errors.ts';

/** `kept`: signed and stored here. `pinned`: others have it, or nobody else is needed. `done`: the chain knows it. */
export type OutboxStage = 'kept' | 'pinned' | 'done';

export interface OutboxRecord {
  /** Id of the contribution, its CID. */
  id: string;
  chainId: number;
  /** Number of the Datanet on its chain, as decimal text. */
  datanet: string;
  /** Shown to people. */
  datanetName: string;
  /** In small letters. */
  contributor: string;
  /** sha2-256 digest of the id. */
  content: string;
  rows: number;
  rowRoot: string;
  /** Id of the ring of keys, when its rows are sealed. */
  ring: string | null;
  /** Whether its contributor pays the fee, or somebody else who is handed the offer. */
  payer: 'contributor' | 'other';
  /** What somebody else brings to the chain, once it is signed. */
  offer: string | null;
  /** Addresses of pinners where the offer waits. */
  handedInAt?: readonly string[];
  stage: OutboxStage;
  /** Why the last try ended, in words; empty when it did not fail. */
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
