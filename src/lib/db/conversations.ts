// Conversations on this device: newest first, saved whole, watched across tabs.

import { liveQuery } from 'dexie';
import type { Conversation } from './conversation.ts';
import type { Database } from './database.ts';
import { StorageError } from './errors.ts';

export interface Conversations {
  get(id: string): Promise<Conversation | undefined>;
  put(conversation: Conversation): Promise<void>;
  remove(id: string): Promise<void>;
  /** Calls back with all of them now and after every change, in this tab or another. Returns a way to stop. */
  watch(onChange: (all: Conversation[]) => void, onError: (error: StorageError) => void): () => void;
}

export function createConversations(database: Database): Conversations {
  const table = database.conversations;
  const guard = async <T>(work: PromiseLike<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new StorageError(error);
    }
  };
  return {
    get: (id) => guard(table.get(id)),
    put: async (conversation) => {
      await guard(table.put(conversation));
    },
    remove: (id) => guard(table.delete(id)),
    watch(onChange, onError) {
      const subscription = liveQuery(() => table.orderBy('updatedAt').reverse().toArray()).subscribe(
        onChange,
        (error) => onError(new StorageError(error)),
      );
      return () => subscription.unsubscribe();
    },
  };
}
