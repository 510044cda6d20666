// Rows and transactions in a real IndexedDB: same as in memory, persistent across reloads, separate per chain.

import { afterAll, expect, it } from 'vitest';
import { openTokenAbi } from '../abi/open-token.ts';
import { syncRows } from '../indexer/sync.ts';
import { createMemoryRowStore, type RowStore } from '../indexer/rows.ts';
import { tokenReducers } from '../indexer/token-reducers.ts';
import type { TxRecord } from '../tx/record.ts';
import { createRecordsStore } from './records-store.ts';

const NAME = `records-${crypto.randomUUID()}`;
afterAll(async () => {
  await new Promise((resolve) => {
    indexedDB.deleteDatabase(NAME).onsuccess = resolve;
  });
});

const row = { amountWei: '5' };
const ring = [{ number: 1, hash: '0x01', parentHash: '0x00', undo: [] }] as const;

it('stores commits atomically, and deletes one chain without the other', async () => {
  const store = createRecordsStore(NAME);
  const [one, two] = [store.rows(1), store.rows(2)];
  const cursor = { number: 1, hash: '0x01' } as const;
  for (const rows of [one, two]) {
    await rows.commit({ changes: ['b', 'a', 'c'].map((key) => ({ table: 't', key, row })), cursor, ring });
  }
  await one.commit({ changes: [{ table: 't', key: 'c', row: null }], cursor, ring });
  store.close();

  const again = createRecordsStore(NAME);
  expect(await again.rows(1).list('t')).toEqual([
    { key: 'a', row },
    { key: 'b', row },
  ]);
  expect(await again.rows(1).get('t', 'c')).toBeNull();
  expect(await again.rows(2).load()).toEqual({ cursor, ring });
  await again.rows(1).clear();
  expect(await again.rows(1).load()).toEqual({ cursor: null, ring: [] });
  expect(await again.rows(1).list('t')).toEqual([]);
  expect(await again.rows(2).list('t')).toHaveLength(3);
  // A row that cannot be kept takes the whole commit with it.
  const broken = { amountWei: () => 1 } as unknown as typeof row;
  const changes = [
    { table: 't', key: 'd', row },
    { table: 't', key: 'e', row: broken },
  ];
  await expect(again.rows(2).commit({ changes, cursor, ring })).rejects.toThrow();
  expect(await again.rows(2).get('t', 'd')).toBeNull();
  again.close();
});

it('lists the transactions of a chain, newest first', async () => {
  const store = createRecordsStore(NAME);
  const record = (id: string, chainId: number, createdAt: number): TxRecord => ({
    id,
    chainId,
    createdAt,
    verb: 'transfer',
    explanation: 'You pay',
    from: '0x01',
    to: '0x02',
    data: '0x',
    valueWei: '0',
    nonce: null,
    sinceBlock: null,
    state: { status: 'idle' },
  });
  for (const one of [record('a', 1, 5), record('b', 1, 9), record('c', 2, 7)]) await store.txs.put(one);
  await store.txs.put({ ...record('a', 1, 5), state: { status: 'rejected' } });
  expect((await store.txs.list(1)).map(({ id }) => id)).toEqual(['b', 'a']);
  expect((await store.txs.get('a'))?.state).toEqual({ status: 'rejected' });
  store.close();
});

it('stores the indexer’s rows like the store in memory', async () => {
  const hash = (n: number) => `0x${String(n).padStart(64, '0')}` as const;
  const read = {
    getBlock: async ({ blockNumber = 3n } = {}) => ({
      number: blockNumber,
      hash: hash(Number(blockNumber) + 1),
      parentHash: hash(Number(blockNumber)),
      logsBloom: `0x${'00'.repeat(256)}`,
    }),
    getLogs: async () => [],
  } as unknown as Parameters<typeof syncRows>[0];
  const store = createRecordsStore(NAME);
  const memory = createMemoryRowStore();
  const kept: RowStore = store.rows(9);
  const sources = [
    { address: '0x00000000000000000000000000000000000000AA', abi: openTokenAbi, reducers: tokenReducers('OPEN') },
  ] as const;
  for (const rows of [memory, kept]) for await (const event of syncRows(read, sources, rows)) void event;
  expect(await kept.load()).toEqual(await memory.load());
  store.close();
});
