// Which runtime opens what, what it cannot do, and where the same model can.

import { expect, it } from 'vitest';
import type { PrebuiltModel } from '#lib/engine/prebuilt-model.ts';
import type { RuntimeKind } from '#lib/engine/runtimes.ts';
import type { RuntimeClient } from '#lib/engine/shell/client.ts';
import { createFakeEngine } from '#tests/support/fake-engine.ts';
import { ModelState } from './model-state.svelte.ts';

const prebuilt: PrebuiltModel = {
  id: 'Tiny-q4f32_1-MLC',
  weights: { kind: 'hub', repo: 'mlc-ai/Tiny-q4f32_1-MLC' },
  library: { path: 'tiny.wasm', bytes: 1, hash: `sha256:${'0'.repeat(64)}`, url: 'https://models.example/tiny.wasm' },
  gpuMegabytes: 1,
  features: [],
  original: 'example/Tiny',
};
const folder = { kind: 'files' as const, name: 'tiny', files: [] };

function model() {
  const started: RuntimeKind[] = [];
  const closed: RuntimeKind[] = [];
  const state = new ModelState({
    startRuntime(kind) {
      started.push(kind);
      return { kind, runtime: createFakeEngine(), close: () => closed.push(kind) } as unknown as RuntimeClient;
    },
    openFolder: () => {
      throw new Error('no folder is opened here');
    },
    openKeptFiles: () => Promise.resolve(null),
    findGpu: () => Promise.resolve(null),
    onDamaged: () => undefined,
    now: () => 0,
  });
  return { state, started, closed };
}

it('a compiled model opens on web-llm, a folder afterwards where folders opened before', async () => {
  const { state, started, closed } = model();
  await state.open({ kind: 'folder', folder }, { dtype: 'f16' }, 'wllama');
  await state.open({ kind: 'prebuilt', model: prebuilt }, { dtype: 'f16' });
  expect(state.status).toBe('ready');
  expect(state.runtimeLabel).toBe('web-llm, no adapters');
  await state.open({ kind: 'folder', folder }, { dtype: 'f16' });
  expect(state.runtimeLabel).toBe('wllama on the CPU');
  expect(started).toEqual(['wllama', 'web-llm', 'wllama']);
  expect(closed).toEqual(['wllama', 'web-llm']);
});

it('an adapter for a runtime without adapters is refused, and the same model offered on the own engine', async () => {
  const { state } = model();
  await state.open({ kind: 'prebuilt', model: prebuilt }, { dtype: 'f16' });
  expect(await state.addAdapter(folder)).toBeUndefined();
  expect(state.adapterProblem?.message).toBe('web-llm applies no adapters.');
  expect(state.elsewhere).toEqual({
    kind: 'folder',
    folder: { kind: 'url', url: 'https://huggingface.co/example/Tiny/resolve/main/' },
  });
  await state.open(state.elsewhere!, { dtype: 'f16' });
  expect(state.kind).toBe('webgpu');
  expect(state.elsewhere).toBeNull();
});

it("the browser's own model needs no GPU of the page, web-llm does", async () => {
  const { state } = model();
  const noGpu = new ModelState({
    startRuntime: (kind) => ({ kind, runtime: createFakeEngine(), close: () => undefined }) as unknown as RuntimeClient,
    openFolder: () => {
      throw new Error('no folder is opened here');
    },
    openKeptFiles: () => Promise.resolve(null),
    findGpu: () => Promise.resolve({ message: 'none' }),
    onDamaged: () => undefined,
    now: () => 0,
  });
  await noGpu.open({ kind: 'prebuilt', model: prebuilt }, { dtype: 'f16' });
  expect(noGpu.status).toBe('no-gpu');
  await noGpu.open({ kind: 'built-in' }, { dtype: 'f16' });
  expect(noGpu.status).toBe('ready');
  await state.open({ kind: 'built-in' }, { dtype: 'f16' });
  expect(state.hasAdapters).toBe(false);
});
