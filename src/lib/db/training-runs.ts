// Training runs of this browser: newest first, saved whole, watched across tabs. What a record means is known where runs are shown.

import { liveQuery } from 'dexie';
import type { Database } from './database.ts';
import { StorageError } from './errors.ts';

/** What the ledger needs of a record; the rest is stored as it is. */
export interface TrainingRunRecord {
  id: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

export interface TrainingRuns<Run extends TrainingRunRecord> {
  get(id: string): Promise<Run | undefined>;
  put(run: Run): Promise<void>;
  remove(id: string): Promise<void>;
  /** Calls back with all of them now and after every change, in this tab or another; newest first. Returns a way to stop. */
  watch(onChange: (all: Run[]) => void, onError: (error: StorageError) => void): () => void;
}

export function createTrainingRuns<Run extends TrainingRunRecord>({ trainingRuns }: Database): TrainingRuns<Run> {
  const guard = async <T>(work: PromiseLike<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new StorageError(error);
    }
  };
  // Only this ledger writes the table, and only records of one kind.
  const asRun = (record: TrainingRunRecord) => record as Run;
  return {
    get: async (id) => {
      const found = await guard(trainingRuns.get(id));
      return found && asRun(found);
    },
    put: async (run) => void (await guard(trainingRuns.put(run))),
    remove: (id) => guard(trainingRuns.delete(id)),
    watch(onChange, onError) {
      const subscription = liveQuery(() => trainingRuns.orderBy('createdAt').reverse().toArray()).subscribe(
        (all) => onChange(all.map(asRun)),
        (error) => onError(new StorageError(error)),
      );
      return () => subscription.unsubscribe();
    },
  };
}
