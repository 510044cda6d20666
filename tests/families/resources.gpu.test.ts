// Resources of a running engine: dispatches, bind groups, writes, memory, and their release.

import { describe, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import { readExpected } from '../support/fixtures.ts';
import { greedy, loadCase, useAdapter } from '../support/golden.ts';
import { testGpu } from '../support/gpu.ts';
import { testHost } from '../support/host.ts';

const { ids } = readExpected('llama3');
const LAYERS = 3;

describe('a warm decode step', () => {
  it('takes at most 9 dispatches per layer and 5 per step, with or without adapter, and creates no objects', async () => {
    const engine = createEngine(testHost(testGpu()));
    await loadCase(engine, 'llama3', 'q8');
    const adapters = await useAdapter(engine, 'llama3', 'lora');
    for (const uses of [[], adapters]) {
      await greedy(engine, ids, uses, 4);
      const before = await engine.stats();
      // One token a step, so that steps can be counted.
      await greedy(engine, ids, uses, 40, { speculate: false });
      const after = await engine.stats();
      expect(after.dispatchesPerStep).toBeLessThanOrEqual(9 * LAYERS + 5);
      expect(after.bindGroupsCreated).toBe(before.bindGroupsCreated);
      const steps = after.steps.decode - before.steps.decode;
      expect(steps).toBe(39);
      // One slot, one block table, the prompt's rows and the decode rows: nothing per step.
      expect(after.bufferWrites - before.bufferWrites).toBeLessThanOrEqual(4);
    }
    await engine.dispose();
  });
});

it('reports how much of the reserved memory is used', async () => {
  const engine = createEngine(testHost(testGpu()));
  await loadCase(engine, 'llama3', 'q8');
  expect((await engine.stats()).usedBytes).toEqual({ kv: 0, adapters: 0 });
  const adapters = await useAdapter(engine, 'llama3', 'lora');
  await greedy(engine, ids, adapters, 4);
  const { usedBytes, gpuBytes, kvBlocks } = await engine.stats();
  // Two full blocks stay cached for the same prompt; one page per layer holds the adapter.
  expect(usedBytes).toEqual({ kv: (gpuBytes.kv / kvBlocks.total) * kvBlocks.cached, adapters: LAYERS * (64 << 10) });
  expect(kvBlocks.cached).toBe(Math.floor((ids.length + 3) / 16));
  await engine.dispose();
});

describe('loading and disposing', () => {
  it('releases every byte, 100 times', async () => {
    const engine = createEngine(testHost(testGpu()));
    await loadCase(engine, 'llama2', 'q8');
    const total = async () => Object.values((await engine.stats()).gpuBytes).reduce((a, b) => a + b, 0);
    const first = await total();
    for (let i = 0; i < 100; i++) await loadCase(engine, 'llama2', 'q8');
    expect(await total()).toBe(first);
    await engine.dispose();
  });

  it('answers the same after the device was lost', async () => {
    const gpu = testGpu();
    let device: GPUDevice | null = null;
    const watched = {
      requestAdapter: async (options?: GPURequestAdapterOptions) => {
        const adapter = (await gpu.requestAdapter(options))!;
        const request = adapter.requestDevice.bind(adapter);
        adapter.requestDevice = async (descriptor) => (device = await request(descriptor));
        return adapter;
      },
    } as GPU;
    const engine = createEngine(testHost(watched));
    await loadCase(engine, 'llama3', 'f32');
    const adapters = await useAdapter(engine, 'llama3', 'lora');
    const before = await greedy(engine, ids, adapters, 8);
    device!.destroy();
    await device!.lost;
    expect(await greedy(engine, ids, adapters, 8)).toEqual(before);
    await engine.dispose();
  });
});
