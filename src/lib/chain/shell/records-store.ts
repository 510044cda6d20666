// Transactions and indexed rows in this browser's IndexedDB. One transaction of the database for each method, so that a
// commit is there wholly or not at all. It knows tables, not what they mean.

import Dexie, { type EntityTable, type Table } from 'dexie';
import { RING_BLOCKS, type Cursor, type RingBlock, type Row, type RowStore } from '../indexer/rows.ts';
import type { TxRecord } from '../tx/record.ts';
import type { TxStore } from '../tx/store.ts';

interface KeptRow {
  chain: number;
  table: string;
  key: string;
  row: Row;
}

interface KeptPlace {
  chain: number;
  cursor: Cursor | null;
  ring: readonly RingBlock[];
}

class RecordsDatabase extends Dexie {
  txs!: EntityTable<TxRecord, 'id'>;
  rows!: Table<KeptRow, [number, string, string]>;
  places!: EntityTable<KeptPlace, 'chain'>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({
      txs: 'id, [chainId+createdAt]',
      rows: '[chain+table+key], [chain+table]',
      places: 'chain',
    });
  }
}

export interface RecordsStore {
  txs: TxStore;
  /** The rows of one chain. */
  rows(chain: number): RowStore;
  /** Drops the transactions and rows of a chain that is no more. */
  forget(chain: number): Promise<void>;
  close(): void;
}

export function createRecordsStore(name = 'payable-records'): RecordsStore {
  const database = new RecordsDatabase(name);
  const { txs, rows, places } = database;
  return {
    txs: {
      async put(record) {
        await txs.put(record);
      },
      get: (id) => txs.get(id),
      list: (chainId) =>
        txs.where('[chainId+createdAt]').between([chainId, Dexie.minKey], [chainId, Dexie.maxKey]).reverse().toArray(),
    },
    rows: (chain) => ({
      async load() {
        const { cursor = null, ring = [] } = (await places.get(chain)) ?? {};
        return { cursor, ring: ring.slice(-RING_BLOCKS) };
      },
      get: async (table, key) => (await rows.get([chain, table, key]))?.row ?? null,
      list: async (table) =>
        (await rows.where('[chain+table]').equals([chain, table]).sortBy('key')).map(({ key, row }) => ({ key, row })),
      commit: ({ changes, cursor, ring }) =>
        database.transaction('rw', rows, places, async () => {
          const kept = changes.flatMap(({ table, key, row }) => (row ? [{ chain, table, key, row }] : []));
          const gone = changes.flatMap(({ table, key, row }): [number, string, string][] =>
            row ? [] : [[chain, table, key]],
          );
          await rows.bulkDelete(gone);
          await rows.bulkPut(kept);
          await places.put({ chain, cursor, ring });
        }),
      clear: () =>
        database.transaction('rw', rows, places, async () => {
          await rows
            .where('[chain+table+key]')
            .between([chain, Dexie.minKey, Dexie.minKey], [chain, Dexie.maxKey, Dexie.maxKey])
            .delete();
          await places.delete(chain);
        }),
    }),
    forget: (chain) =>
      database.transaction('rw', txs, rows, places, async () => {
        await txs.where('[chainId+createdAt]').between([chain, Dexie.minKey], [chain, Dexie.maxKey]).delete();
        await rows
          .where('[chain+table+key]')
          .between([chain, Dexie.minKey, Dexie.minKey], [chain, Dexie.maxKey, Dexie.maxKey])
          .delete();
        await places.delete(chain);
      }),
    close: () => database.close(),
  };
}
