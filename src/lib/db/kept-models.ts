// Models and adapters that this device keeps or downloads: which files, from where, of which version, how far. The files themselves lie
// in the private file storage; this ledger is the one place that says what they are.

import { liveQuery } from 'dexie';
import type { Database } from './database.ts';
import { StorageError } from './errors.ts';

export interface KeptModelFile {
  path: string;
  bytes: number;
  /** What the bytes were checked against when they arrived, as `files/pinned-file.ts` says; a name for the file where they were not. */
  hash: `${'sha256' | 'git' | 'cid' | 'web'}:${string}`;
  /** Of the bytes as they are stored, in hex; undefined where `hash` says it or it is not known. */
  sha256?: string;
}

export interface KeptModel {
  /** `repo@commit`; its end also names the place in the file storage. */
  id: string;
  kind: 'model' | 'adapter';
  /** `owner/name` on the hub, an address, or `ipfs:` with a content id; with `:variant` where one of several GGUF files was chosen. */
  repo: string;
  /** A commit of the hub, a content id, or a hash over what a server says of its files. */
  commit: string;
  files: readonly KeptModelFile[];
  totalBytes: number;
  doneBytes: number;
  /** `downloading` goes on by itself after a reload or a crash; `paused` waits for the user. */
  state: 'downloading' | 'paused' | 'complete';
  /** Why the last attempt ended; null when it did not fail. */
  problem: { message: string; hint?: string | undefined } | null;
  /** The format of weights that was chosen for it; of no use to an adapter. */
  dtype: 'f32' | 'f16' | 'q8' | 'q4';
  /** Of an adapter: the repository of the kept model that it is loaded with. */
  base: string | null;
  /** Never deleted together with others. */
  isPinned: boolean;
  /** Milliseconds since 1970. */
  addedAt: number;
  /** When it was loaded last; null when it never was. */
  usedAt: number | null;
}

export interface KeptModels {
  get(id: string): Promise<KeptModel | undefined>;
  put(model: KeptModel): Promise<void>;
  /** Changes some fields; does nothing where there is no such record. */
  update(id: string, changes: Partial<Omit<KeptModel, 'id'>>): Promise<void>;
  remove(id: string): Promise<void>;
  /** Calls back with all of them now and after every change, in this tab or another; newest first. Returns a way to stop. */
  watch(onChange: (all: KeptModel[]) => void, onError: (error: StorageError) => void): () => void;
}

export function createKeptModels({ keptModels: table }: Database): KeptModels {
  const guard = async <T>(work: PromiseLike<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new StorageError(error);
    }
  };
  return {
    get: (id) => guard(table.get(id)),
    put: async (model) => void (await guard(table.put(model))),
    update: async (id, changes) => void (await guard(table.update(id, changes))),
    remove: (id) => guard(table.delete(id)),
    watch(onChange, onError) {
      const subscription = liveQuery(() => table.orderBy('addedAt').reverse().toArray()).subscribe(onChange, (error) =>
        onError(new StorageError(error)),
      );
      return () => subscription.unsubscribe();
    },
  };
}
