// The ledger of training runs in memory, with watchers, as one tab sees it.

import type { PayableError } from '#lib/core/errors.ts';
import type { TrainingRunRecord, TrainingRuns } from '#lib/db/training-runs.ts';

export interface MemoryTrainingRuns<Run extends TrainingRunRecord> extends TrainingRuns<Run> {
  readonly records: Map<string, Run>;
  /** Thrown by every write, if set. */
  failure: PayableError | null;
}

export function createMemoryTrainingRuns<Run extends TrainingRunRecord>(): MemoryTrainingRuns<Run> {
  const records = new Map<string, Run>();
  const watchers = new Set<(all: Run[]) => void>();
  const tell = () => {
    for (const watcher of watchers) watcher([...records.values()]);
  };
  const runs: MemoryTrainingRuns<Run> = {
    records,
    failure: null,
    get: async (id) => records.get(id),
    async put(run) {
      if (runs.failure) throw runs.failure;
      records.set(run.id, run);
      tell();
    },
    async remove(id) {
      records.delete(id);
      tell();
    },
    watch(onChange) {
      watchers.add(onChange);
      onChange([...records.values()]);
      return () => watchers.delete(onChange);
    },
  };
  return runs;
}
