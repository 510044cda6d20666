// Transactions and indexed rows in this browser's IndexedDB. Each method is one database transaction, so a commit is stored fully
// or not at all.

import Dexie, { type EntityTable, type Table } from 'dexie';
import { RecordsStorageError } from '../errors.ts';
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
  /** Calls back when another tab stored a change of a transaction; returns a function that stops it. */
  onTransactions(listener: () => void): () => void;
  /** The rows of one chain. */
  rows(chain: number): RowStore;
  /** Deletes the transactions and rows of a chain that no longer exists. */
  forget(chain: number): Promise<void>;
  close(): void;
}

/** Converts storage failures to this room's errors. */
async function noting<T>(work: PromiseLike<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new RecordsStorageError(cause);
  }
}

export function createRecordsStore(name = 'payable-records'): RecordsStore {
  const database = new RecordsDatabase(name);
  const { txs, rows, places } = database;
  const channel = new BroadcastChannel(name);
  const inOne = (tables: Table[], work: () => Promise<void>) => noting(database.transaction('rw', tables, work));
  return {
    txs: {
      async put(record) {
        await noting(txs.put(record));
        channel.postMessage('noted');
      },
      get: (id) => noting(txs.get(id)),
      list: (chainId) =>
        noting(
          txs
            .where('[chainId+createdAt]')
            .between([chainId, Dexie.minKey], [chainId, Dexie.maxKey])
            .reverse()
            .toArray(),
        ),
    },
    onTransactions(listener) {
      const heard = () => listener();
      channel.addEventListener('message', heard);
      return () => channel.removeEventListener('message', heard);
    },
    rows: (chain) => ({
      async load() {
        const { cursor = null, ring = [] } = (await noting(places.get(chain))) ?? {};
        return { cursor, ring: ring.slice(-RING_BLOCKS) };
      },
      get: async (table, key) => (await noting(rows.get([chain, table, key])))?.row ?? null,
      list: async (table) =>
        (await noting(rows.where('[chain+table]').equals([chain, table]).sortBy('key'))).map(({ key, row }) => ({
          key,
          row,
        })),
      commit: ({ changes, cursor, ring }) =>
        inOne([rows, places], async () => {
          const kept = changes.flatMap(({ table, key, row }) => (row ? [{ chain, table, key, row }] : []));
          const gone = changes.flatMap(({ table, key, row }): [number, string, string][] =>
            row ? [] : [[chain, table, key]],
          );
          await rows.bulkDelete(gone);
          await rows.bulkPut(kept);
          await places.put({ chain, cursor, ring });
        }),
      clear: () =>
        inOne([rows, places], async () => {
          await rows
            .where('[chain+table+key]')
            .between([chain, Dexie.minKey, Dexie.minKey], [chain, Dexie.maxKey, Dexie.maxKey])
            .delete();
          await places.delete(chain);
        }),
    }),
    forget: (chain) =>
      inOne([txs, rows, places], async () => {
        await txs.where('[chainId+createdAt]').between([chain, Dexie.minKey], [chain, Dexie.maxKey]).delete();
        await rows
          .where('[chain+table+key]')
          .between([chain, Dexie.minKey, Dexie.minKey], [chain, Dexie.maxKey, Dexie.maxKey])
          .delete();
        await places.delete(chain);
      }),
    close() {
      channel.close();
      database.close();
    },
  };
}
