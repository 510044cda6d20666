// A prediction equals what a real load allocates, for every family and every format of weights; and it reads headers only.

import { describe, expect, it } from 'vitest';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { CacheDtype, LoadRequest } from './engine.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import { FAMILY_CASES, modelPath, openFixture } from '#tests/support/fixtures.ts';
import { testHost } from '#tests/support/host.ts';
import { B1, createRandomModel } from '#bench/random-model.ts';
import { judgeFit } from './judge-fit.ts';
import { predictLoad, readModelPlan } from './predict-load.ts';

const maxBindingBytes = 2 ** 31;

async function loaded(name: string, dtype: WeightDtype, options: Partial<LoadRequest>) {
  const engine = createEngine(testHost(null));
  for await (const _ of engine.load({ model: { kind: 'directory', path: modelPath(name) }, dtype, ...options }));
  const { gpuBytes } = await engine.stats();
  await engine.dispose();
  return gpuBytes;
}

describe.each(FAMILY_CASES)('%s', (name) => {
  it('is predicted to the byte', async () => {
    const plan = await readModelPlan(openFixture(modelPath(name)));
    const options = { contextLength: 64, maxSequences: 2 };
    expect((await predictLoad(plan, { dtype: 'f32', ...options }, { maxBindingBytes })).gpuBytes).toEqual(
      await loaded(name, 'f32', options),
    );
  });
});

it.each(['f16', 'q8', 'q4'] as const)('so is each format of weights: %s', async (dtype) => {
  const plan = await readModelPlan(openFixture(modelPath('qwen2')));
  const options = { contextLength: 96, maxSequences: 2, adapterPoolBytes: 1 << 20 };
  expect((await predictLoad(plan, { dtype, ...options }, { maxBindingBytes })).gpuBytes).toEqual(
    await loaded('qwen2', dtype, options),
  );
});

it('so is each format of keys and values, f16 takes half, i8 a quarter and scales', async () => {
  const plan = await readModelPlan(openFixture(modelPath('qwen2')));
  const predicted = async (cache: CacheDtype) => {
    const options = { cache, contextLength: 96, maxSequences: 2 };
    const { gpuBytes } = await predictLoad(plan, { dtype: 'q8', ...options }, { maxBindingBytes });
    expect(gpuBytes).toEqual(await loaded('qwen2', 'q8', options));
    return gpuBytes.kv;
  };
  const f32 = await predicted('f32');
  expect(await predicted('f16')).toBe(f32 / 2);
  const { headDim } = plan.architecture;
  expect(await predicted('i8')).toBe((f32 * (headDim + 4)) / (4 * headDim));
});

it('reads no weights', async () => {
  const folder = createRandomModel(B1);
  let most = 0;
  const plan = await readModelPlan({
    ...folder,
    read: (path, start, end, signal) => {
      most = Math.max(most, end - start);
      return folder.read(path, start, end, signal);
    },
  });
  const { gpuBytes } = await predictLoad(plan, { dtype: 'q4' }, { maxBindingBytes });
  expect(gpuBytes.weights).toBeGreaterThan(500e6);
  expect(most).toBeLessThan(200_000);
});

describe('a verdict', () => {
  const predict = async (contextLength: number, limit: number) =>
    predictLoad(await readModelPlan(createRandomModel(B1)), { dtype: 'q4', contextLength }, { maxBindingBytes: limit });

  it('depends on the memory of the device', async () => {
    const prediction = await predict(1024, maxBindingBytes);
    const { totalBytes } = prediction;
    const judge = (memoryBytes: number | null) => judgeFit(prediction, { maxBindingBytes, memoryBytes });
    expect(judge(totalBytes)).toEqual({ fits: 'yes', totalBytes, memoryBytes: totalBytes });
    expect(judge(totalBytes - 1)).toMatchObject({ fits: 'no', reason: 'memory' });
    expect(judge(null)).toEqual({ fits: 'unknown', totalBytes });
  });

  it('names a buffer that is larger than the device allows', async () => {
    const limit = 128 << 20;
    const prediction = await predict(131_072, limit);
    expect(judgeFit(prediction, { maxBindingBytes: limit, memoryBytes: 2 ** 40 })).toMatchObject({
      fits: 'no',
      reason: 'buffer',
      buffer: expect.stringMatching(/cache/),
    });
  });
});
