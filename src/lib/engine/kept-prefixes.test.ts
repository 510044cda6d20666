import { expect, it } from 'vitest';
import { createMemoryPrefixStore, type MemoryPrefixStore } from '#tests/support/memory-prefix-store.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { createKeptPrefixes, type KeptLimits } from './kept-prefixes.ts';
import type { PrefixStore } from './prefix-store.ts';

const BLOCK_BYTES = 64;
const FILE_BYTES = BLOCK_BYTES + 64;
const rooted = (root: string) => [{ block: 0, root }];
const tokens = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i);

async function keptIn(store: PrefixStore, limits: KeptLimits = { bytes: 1 << 20, files: 99 }) {
  const device = createReferenceDevice();
  const buffer = device.createBuffer('cache', 16 * BLOCK_BYTES);
  device.write(
    buffer,
    0,
    Uint32Array.from({ length: buffer.bytes / 4 }, (_, i) => i),
  );
  const lines: string[] = [];
  const kept = await createKeptPrefixes({
    store,
    device,
    turns: { compute: () => Promise.resolve() },
    blockParts: (block) => [0, 32].map((at) => ({ buffer, offset: block * BLOCK_BYTES + at, bytes: 32 })),
    model: 'model',
    finished: Promise.resolve(),
    log: (line) => lines.push(line),
    limits,
  });
  return { kept, device, buffer, lines };
}

const lengths = async (store: MemoryPrefixStore, count: number, first = 0) =>
  (await (await keptIn(store)).kept.read(rooted('root'), tokens(count, first), 0, 9)).length;

it('keeps what blocks held when they were given back, and puts it into others', async () => {
  const store = createMemoryPrefixStore();
  const { kept, device, buffer } = await keptIn(store);
  kept.keep(rooted('root'), tokens(40), [3, 5, 7]);
  device.write(buffer, 0, new Uint32Array(buffer.bytes / 4));
  await store.used(2);
  const [, second] = await kept.read(rooted('root'), tokens(40), 0, 2);
  kept.fill(1, second!);
  const words = new Uint32Array(await device.read(buffer, BLOCK_BYTES, BLOCK_BYTES));
  expect(words).toEqual(Uint32Array.from({ length: 16 }, (_, i) => 5 * 16 + i));
});

it('reads from a block on, up to the first that is missing and no further than was asked', async () => {
  const store = createMemoryPrefixStore();
  const { kept } = await keptIn(store);
  kept.keep(rooted('root'), tokens(64), [0, 1, 2, 3]);
  await store.used(4);
  expect((await kept.read(rooted('root'), tokens(64), 1, 4)).length).toBe(3);
  expect((await kept.read(rooted('root'), tokens(64), 0, 2)).length).toBe(2);
  expect((await kept.read(rooted('root'), [...tokens(48), ...tokens(16, 500)], 0, 4)).length).toBe(3);
  expect((await kept.read(rooted('other'), tokens(64), 0, 4)).length).toBe(0);
  const names = [...store.files.keys()].reverse();
  store.files.delete(names[1]!);
  expect(await lengths(store, 64)).toBe(1);
});

it('drops what was used longest ago, the ends of conversations before their beginnings', async () => {
  const store = createMemoryPrefixStore();
  const { kept } = await keptIn(store, { bytes: 6 * FILE_BYTES, files: 99 });
  kept.keep(rooted('root'), tokens(64), [0, 1, 2, 3]);
  kept.keep(rooted('root'), tokens(32, 900), [4, 5]);
  await store.used(6);
  kept.keep(rooted('root'), tokens(32, 500), [6, 7]);
  await store.used(8);
  expect(store.files.size).toBe(6);
  expect([await lengths(store, 64), await lengths(store, 32, 900), await lengths(store, 32, 500)]).toEqual([2, 2, 2]);
  // Used again, so the other one goes first.
  kept.keep(rooted('root'), tokens(32), [0, 1]);
  await store.used(10);
  kept.keep(rooted('root'), tokens(16, 700), [8]);
  await store.used(11);
  expect([await lengths(store, 64), await lengths(store, 32, 900)]).toEqual([2, 1]);
});

it('holds no more files than it may', async () => {
  const store = createMemoryPrefixStore();
  const { kept } = await keptIn(store, { bytes: 1 << 20, files: 3 });
  kept.keep(rooted('root'), tokens(80), [0, 1, 2, 3, 4]);
  await store.used(5);
  expect(store.files.size).toBe(3);
  expect(await lengths(store, 80)).toBe(3);
});

it('goes on without a store that fails, and says so once', async () => {
  const broken = (): Promise<never> => Promise.reject(new Error('quota'));
  const store: PrefixStore = { ...createMemoryPrefixStore(), list: broken, read: broken, write: broken };
  const { kept, lines } = await keptIn(store);
  expect(await kept.read(rooted('root'), tokens(40), 0, 2)).toEqual([]);
  kept.keep(rooted('root'), tokens(40), [0, 1]);
  expect(await kept.read(rooted('root'), tokens(40), 0, 2)).toEqual([]);
  expect(lines).toEqual(['Beginnings of conversations are no longer kept: Error: quota']);
});
