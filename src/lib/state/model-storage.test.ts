// The storage page's sums, and what its buttons empty.

import { expect, it } from 'vitest';
import type { KeptModelsState } from './kept-models-state.svelte.ts';
import { ModelStorageState } from './model-storage.svelte.ts';

function storageOf(folders: Record<string, number>) {
  return new ModelStorageState({
    kept: { all: [] } as unknown as KeptModelsState,
    bytesIn: (folder) => Promise.resolve(folders[folder] ?? 0),
    empty: async (folder) => void (folders[folder] = 0),
    save: () => Promise.resolve('saved'),
    estimate: () => Promise.resolve({ usage: 9, quota: 90 }),
  });
}

it('counts the demo, packed weights and read prompts apart', async () => {
  const storage = storageOf({ models: 5, planes: 3, prefixes: 2 });
  await storage.load();
  expect([storage.demoBytes, storage.computedBytes, storage.room]).toEqual([
    5,
    { packed: 3, prompts: 2 },
    { usage: 9, quota: 90 },
  ]);
});

it('deletes what can be computed again and leaves the demo, or the other way round', async () => {
  const folders = { models: 5, planes: 3, prefixes: 2 };
  const storage = storageOf(folders);
  await storage.deleteComputed();
  expect(folders).toEqual({ models: 5, planes: 0, prefixes: 0 });
  expect(storage.computedBytes).toEqual({ packed: 0, prompts: 0 });
  await storage.deleteDemo();
  expect([folders.models, storage.demoBytes]).toEqual([0, 0]);
});
