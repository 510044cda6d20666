// Adapters that a run loads for a sample or for their hash, one at a time. They are unloaded again, unless they were loaded before.

import { PayableError } from '#lib/core/errors.ts';
import type { FolderRef } from '#lib/core/folder.ts';
import type { TrainContext } from '../train-context.ts';

export interface BorrowedAdapters {
  /** Loads the adapter and unloads the one before. @returns its id */
  load(folder: FolderRef): Promise<string>;
  /** Unloads the last one. */
  giveBack(): Promise<void>;
}

type AdapterEngine = Pick<TrainContext['engine'], 'loadAdapter' | 'unloadAdapter' | 'listAdapters'>;

export function borrowAdapters(engine: AdapterEngine): BorrowedAdapters {
  let borrowed: string | null = null;
  const giveBack = async () => {
    const id = borrowed;
    borrowed = null;
    if (id === null) return;
    try {
      await engine.unloadAdapter(id);
    } catch (error) {
      // A request from elsewhere uses it: it stays loaded.
      if (!(error instanceof PayableError && error.code === 'engine/request')) throw error;
    }
  };
  return {
    giveBack,
    async load(folder) {
      await giveBack();
      const before = await engine.listAdapters();
      const { id } = await engine.loadAdapter(folder);
      if (!before.some((one) => one.id === id)) borrowed = id;
      return id;
    },
  };
}
