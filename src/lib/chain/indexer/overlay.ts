// Pending changes over the row store, and the rows' previous values per block. Reducers read and write it; the store changes only
// on commit.

import type { Rows } from './reducer.ts';
import type { Change, Row, RowStore } from './rows.ts';

export interface Overlay extends Rows {
  /** Changes that undo everything since the last call, newest first. */
  takeUndo(): Change[];
  /** All pending changes, one per row. */
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
