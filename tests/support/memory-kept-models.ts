// The ledger of kept models in memory, with watchers, as one tab sees it.

import type { KeptModel, KeptModels } from '#lib/db/kept-models.ts';

export interface MemoryKeptModels extends KeptModels {
  readonly records: Map<string, KeptModel>;
  /** States in the order in which records took them. */
  readonly states: KeptModel['state'][];
}

export function createMemoryKeptModels(): MemoryKeptModels {
  const records = new Map<string, KeptModel>();
  const states: KeptModel['state'][] = [];
  const watchers = new Set<(all: KeptModel[]) => void>();
  const change = (record: KeptModel) => {
    records.set(record.id, record);
    states.push(record.state);
    for (const watcher of watchers) watcher([...records.values()]);
  };
  return {
    records,
    states,
    get: async (id) => records.get(id),
    put: async (record) => change(record),
    async update(id, changes) {
      const before = records.get(id);
      if (before) change({ ...before, ...changes });
    },
    async remove(id) {
      records.delete(id);
      for (const watcher of watchers) watcher([...records.values()]);
    },
    watch(onChange) {
      watchers.add(onChange);
      onChange([...records.values()]);
      return () => watchers.delete(onChange);
    },
  };
}
