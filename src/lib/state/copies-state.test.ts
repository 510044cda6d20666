// The copies of a version on a page, and what this device keeps: one thing runs at a time, and the lists follow what was done.

import { expect, it } from 'vitest';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { someRows } from '#tests/support/datanets.ts';
import { memoryDatanet } from '#tests/support/memory-datanet.ts';
import { CopiesState } from './copies-state.svelte.ts';
import { StorageState } from './storage-state.svelte.ts';

async function stage() {
  const datanet = await memoryDatanet();
  const root = await datanet.publish(someRows(300));
  const context = async () => ({ ...datanet.context, pinners: [] }) as unknown as DatanetContext;
  const copies = new CopiesState({
    context,
    fetch: () => Promise.reject(new TypeError('fetch failed')),
    nowMs: () => 42,
  });
  const storage = new StorageState({
    open: async () => ({ node: datanet.node, persist: async () => true }),
    estimate: async () => null,
  });
  return { ...datanet, root, copies, storage };
}

it('a version is kept here, verified and removed; the list of copies follows', async () => {
  const { copies, root, blocks } = await stage();
  await copies.check(root);
  expect([copies.isHere, copies.checkedAt, copies.busy]).toEqual([false, 42, null]);
  const keeping = copies.keepHere(root, 'version 1');
  expect(copies.busy).toBe('Fetching all of it…');
  await keeping;
  expect([copies.isHere, copies.kept, copies.problem]).toEqual([true, 1, null]);
  await copies.verify([root]);
  expect(copies.verified).toMatchObject({ blocks: blocks.size, missing: [], damaged: [] });
  await copies.remove(root);
  expect(copies.isHere).toBe(false);
});

it('a second thing is refused while one runs, and stopping is no problem', async () => {
  const { copies, root } = await stage();
  const keeping = copies.keepHere(root, 'version 1');
  await copies.verify([root]);
  expect([copies.verified, copies.busy]).toEqual([null, 'Fetching all of it…']);
  copies.stop();
  await keeping;
  expect([copies.busy, copies.problem, copies.isHere]).toEqual([null, null, false]);
});

it('says why a version cannot be kept, until the next try', async () => {
  const { copies, root, blocks } = await stage();
  const all = new Map(blocks);
  blocks.clear();
  await copies.keepHere(root, 'version 1');
  expect(copies.problem).not.toBeNull();
  for (const [cid, bytes] of all) blocks.set(cid, bytes);
  await copies.keepHere(root, 'version 1');
  expect([copies.problem, copies.isHere]).toEqual([null, true]);
});

it('storage lists pins, verifies them, removes one, and cleans up its blocks', async () => {
  const { copies, storage, root, blocks } = await stage();
  await copies.keepHere(root, 'version 1');
  await storage.load();
  expect(storage.pins?.map(({ name }) => name)).toEqual(['version 1']);
  await storage.verify();
  expect(storage.verified).toMatchObject({ blocks: blocks.size, missing: [], damaged: [] });
  await storage.remove(storage.pins![0]!);
  expect(storage.pins).toEqual([]);
  await storage.cleanUp();
  expect([storage.outcome, storage.busy]).toEqual([`${blocks.size} blocks were removed.`, null]);
});
