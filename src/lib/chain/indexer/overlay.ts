// Rows as they will be after changes that are not kept yet, and what they were before each block. It is what a reducer
// reads and writes; the store sees nothing of it until it is committed.

import type { Rows } from './reducer.ts';
import type { Change, Row, RowStore } from './rows.ts';

export interface Overlay extends Rows {
  /** What has to be written to undo all since the last call, newest first. */
  takeUndo(): Change[];
  /** All changes, each row once. */
  changes(): Change[];
}

export function createOverlay(store: Pick<RowStore, 'get'>): Overlay {
  const fresh = new Map<string, Change>();
  let undo = new Map<string, Change>();
  const idOf = (table: string, key: string) => `${table}\0${key}`;
  const get = async (table: string, key: string): Promise<Row | null> => {
    const found = fresh.get(idOf(table, key));
    return found ? found.row : store.get(table, key);
  };
  return {
    // Rows of every table are plain values; what a table's rows hold is known by its name.
    get: get as Rows['get'],
    async put(table, key, row: Row | null) {
      const id = idOf(table, key);
      if (!undo.has(id)) undo.set(id, { table, key, row: await get(table, key) });
      fresh.set(id, { table, key, row });
    },
    takeUndo() {
      const taken = [...undo.values()];
      undo = new Map();
      return taken;
    },
    changes: () => [...fresh.values()],
  };
}
