// Rows equal those of the final chain, through reorganisations, gaps and wrong responses of the provider.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openTokenAbi } from '../abi/open-token.ts';
import { createFakeChain, person, TOKEN, type FakeChain, type Move } from '#tests/support/fake-log-chain.ts';
import type { Source } from './reducer.ts';
import { createMemoryRowStore, RING_BLOCKS, type RowStore } from './rows.ts';
import { syncRows, type SyncEvent, type SyncOptions } from './sync.ts';
import { tokenReducers } from './token-reducers.ts';

const sources: Source[] = [{ address: TOKEN, abi: openTokenAbi, reducers: tokenReducers('OPEN') }];
const TABLES = ['balances', 'transfers'];

async function sync(chain: FakeChain, store: RowStore, options: SyncOptions = {}): Promise<SyncEvent[]> {
  const events: SyncEvent[] = [];
  for await (const event of syncRows(chain.read, sources, store, options)) events.push(event);
  return events;
}
const rowsOf = async (store: RowStore) => Promise.all(TABLES.map((table) => store.list(table)));

/** The rows of the current chain, read at once by a new reader. */
async function fromScratch(chain: FakeChain) {
  const { before, indexLag } = chain;
  Object.assign(chain, { before: null, indexLag: 0 });
  const store = createMemoryRowStore();
  await sync(chain, store);
  Object.assign(chain, { before, indexLag });
  return rowsOf(store);
}

const move = fc.record({ from: fc.nat(4), to: fc.nat(4), wei: fc.nat(100) });
const moves = fc.array(move, { maxLength: 3 });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('extend' as const), blocks: fc.array(moves, { maxLength: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('reorg' as const),
      depth: fc.nat(8),
      blocks: fc.array(moves, { maxLength: 9 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sync' as const), maxRange: fc.integer({ min: 1, max: 7 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reorg-while-reading' as const),
      at: fc.nat(12),
      depth: fc.nat(4),
      blocks: fc.array(moves, { maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lag' as const), blocks: fc.nat(3) }) },
);

it('has the rows of the final chain after any extension, reorganisation, lag and interruption', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const chain = createFakeChain();
      const store = createMemoryRowStore();
      const extend = (blocks: Move[][]) => blocks.forEach((one) => chain.extend(one));
      for (const one of steps) {
        if (one.kind === 'extend') extend(one.blocks);
        else if (one.kind === 'reorg') {
          chain.cut(one.depth);
          extend(one.blocks);
        } else if (one.kind === 'lag') chain.indexLag = one.blocks;
        else if (one.kind === 'sync') await sync(chain, store, { maxRange: one.maxRange });
        else {
          let left = one.at;
          chain.before = () => {
            if (left-- !== 0) return;
            chain.cut(one.depth);
            extend(one.blocks);
          };
          await sync(chain, store, { maxRange: 3 });
          chain.before = null;
        }
      }
      await sync(chain, store);
      expect(await rowsOf(store)).toEqual(await fromScratch(chain));
    }),
    { numRuns: 300 },
  );
});

const ten = (chain: FakeChain, count = 10) => {
  for (let at = 0; at < count; at++) chain.extend([{ from: at % 3, to: (at + 1) % 3, wei: at + 1 }]);
};

it('shrinks its ranges when the provider refuses them, and then grows them again', async () => {
  const chain = createFakeChain();
  ten(chain, 400);
  const ranges: number[] = [];
  chain.before = (method, range) => {
    if (method !== 'getLogs') return;
    ranges.push(range);
    if (range > 32) throw new Error('query returned more than 10000 results');
  };
  const store = createMemoryRowStore();
  await sync(chain, store, { maxRange: 256 });
  expect(ranges.slice(0, 4)).toEqual([256, 128, 64, 32]);
  expect(await rowsOf(store)).toEqual(await fromScratch(chain));
});

it('reports when not even one block can be read', async () => {
  const chain = createFakeChain();
  ten(chain);
  chain.before = (method) => {
    if (method === 'getLogs') throw new Error('response size exceeded');
  };
  await expect(sync(chain, createMemoryRowStore())).rejects.toThrow('no logs of block 0');
});

it('resumes where it stopped after a failure of the provider', async () => {
  const chain = createFakeChain();
  ten(chain, 100);
  const store = createMemoryRowStore();
  let left = 20;
  chain.before = () => {
    if (left-- === 0) throw new Error('connection reset');
  };
  await expect(sync(chain, store, { maxRange: 4 })).rejects.toThrow('connection reset');
  const { cursor } = await store.load();
  expect(cursor!.number).toBeGreaterThan(0);
  const events = await sync(chain, store);
  expect(events.some(({ kind }) => kind === 'started-over')).toBe(false);
  expect(await rowsOf(store)).toEqual(await fromScratch(chain));
});

it('rolls back exactly to the fork, and starts over when the fork is older than its undo data', async () => {
  const chain = createFakeChain();
  ten(chain, 100);
  const store = createMemoryRowStore();
  await sync(chain, store);
  chain.cut(10);
  ten(chain, 3);
  expect((await sync(chain, store))[0]).toEqual({ kind: 'rolled-back', to: 90 });
  expect(await rowsOf(store)).toEqual(await fromScratch(chain));
  chain.cut(RING_BLOCKS + 5);
  ten(chain, 80);
  expect((await sync(chain, store))[0]).toEqual({ kind: 'started-over' });
  expect(await rowsOf(store)).toEqual(await fromScratch(chain));
});

it('stores undo data only for recent blocks', async () => {
  const chain = createFakeChain();
  ten(chain, 300);
  const store = createMemoryRowStore();
  await sync(chain, store);
  const { ring } = await store.load();
  expect(ring).toHaveLength(RING_BLOCKS);
  // Two balances and the transfer of one block.
  for (const { undo } of ring) expect(undo.length).toBe(3);
});

it('does not accept a range that lacks the newest blocks', async () => {
  const chain = createFakeChain();
  ten(chain);
  chain.indexLag = 4;
  const store = createMemoryRowStore();
  await sync(chain, store);
  expect(await store.list('transfers')).toHaveLength(10);
});

it('gives up on a chain that changes during every attempt', async () => {
  const chain = createFakeChain();
  ten(chain);
  chain.before = (method) => {
    if (method !== 'getLogs') return;
    chain.cut(3);
    ten(chain, 3);
  };
  await expect(sync(chain, createMemoryRowStore())).rejects.toThrow('The chain changed');
});

it('stops on abort', async () => {
  const chain = createFakeChain();
  ten(chain);
  await expect(sync(chain, createMemoryRowStore(), { signal: AbortSignal.abort() })).rejects.toThrow();
});

it('tracks the owners of tokens', async () => {
  const chain = createFakeChain();
  chain.extend([{ from: 0, to: 1, wei: 5 }]);
  chain.extend([{ from: 1, to: 2, wei: 2 }]);
  const store = createMemoryRowStore();
  await sync(chain, store);
  expect(await store.get('balances', `OPEN:${person(1)}`)).toMatchObject({ amountWei: '3' });
  expect(await store.get('balances', `OPEN:${person(2)}`)).toMatchObject({ amountWei: '2' });
});
