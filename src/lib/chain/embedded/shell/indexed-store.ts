// Blocks in this browser's IndexedDB. Each method is one database transaction, so a block is stored fully or not at all, even
// after a crash.

import Dexie, { type EntityTable, type Table } from 'dexie';
import type { Hex } from 'viem';
import type { BlockRecord } from '../block-record.ts';
import type { StateSnapshot } from '../chain.ts';
import type { ChainStore } from '../persist.ts';

interface KeptBlock {
  number: number;
  block: BlockRecord;
}

interface Meta {
  key: 'genesis';
  hash: Hex;
}

class ChainDatabase extends Dexie {
  blocks!: EntityTable<KeptBlock, 'number'>;
  snapshots!: Table<StateSnapshot & { key: 'latest' }, 'latest'>;
  meta!: Table<Meta, Meta['key']>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({ blocks: 'number', snapshots: 'key', meta: 'key' });
  }
}

export interface IndexedStore extends ChainStore {
  close(): void;
}

const keptBlock = (block: BlockRecord): KeptBlock => ({ number: Number(block.header.number), block });

export function createIndexedStore(name: string): IndexedStore {
  const database = new ChainDatabase(name);
  const { blocks, snapshots, meta } = database;
  // Opening starts early; the first use reports its failure.
  database.open().catch(() => undefined);
  const inOne = <T>(mode: 'r' | 'rw', work: () => Promise<T>): Promise<T> =>
    database.transaction(mode, [blocks, snapshots, meta], work);
  return {
    load: () =>
      inOne('r', async () => {
        const snapshot = await snapshots.get('latest');
        return {
          genesis: (await meta.get('genesis'))?.hash ?? null,
          blocks: (await blocks.orderBy('number').toArray()).map(({ block }) => block),
          snapshot: snapshot ? { number: snapshot.number, accounts: snapshot.accounts } : null,
        };
      }),
    append: (block, snapshot) =>
      inOne('rw', async () => {
        await blocks.put(keptBlock(block));
        if (snapshot) await snapshots.put({ key: 'latest', ...snapshot });
      }),
    rewind: (number) =>
      inOne('rw', async () => {
        await blocks.where('number').above(number).delete();
        const snapshot = await snapshots.get('latest');
        if (snapshot && snapshot.number > number) await snapshots.delete('latest');
      }),
    replace: (hash, kept) =>
      inOne('rw', async () => {
        await Promise.all([blocks.clear(), snapshots.clear()]);
        await meta.put({ key: 'genesis', hash });
        await blocks.bulkPut(kept.blocks.map(keptBlock));
        if (kept.snapshot) await snapshots.put({ key: 'latest', ...kept.snapshot });
      }),
    close: () => database.close(),
  };
}
