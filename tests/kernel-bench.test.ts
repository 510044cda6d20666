// `payable bench kernel` measures exactly the dispatches of a decode step.

import { afterAll, expect, it } from 'vitest';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { benchKernels, NoSuchKernelError, type KernelBenchOptions } from '../bench/kernel-bench.ts';

const device = createReferenceDevice();
afterAll(() => device.dispose());

const LAYERS = 2;
const shape = {
  ...{ name: 'tiny', hidden: 64, layers: LAYERS, heads: 4, kvHeads: 2, headDim: 16, ffn: 96, vocab: 128, context: 64 },
};
const options: KernelBenchOptions = {
  ...{ device, shape, dtype: 'q8', rows: 2, depth: 33, rank: 4, dispatches: 4, repetitions: 1 },
  now: () => performance.now(),
};

it('measures every dispatch of a decode step, by kernel and matrix', async () => {
  const rows = await benchKernels(options);
  const counted: Record<string, number> = {};
  for (const { kernel, matrix, dispatches } of rows) {
    const what = `${kernel} ${matrix}`.trim();
    counted[what] = (counted[what] ?? 0) + dispatches;
  }
  const layer = ['linear qkv', 'rope', 'attention', 'linear o', 'linear gateUp', 'glu', 'linear down'];
  expect(counted).toEqual({
    'embed embedding': 1,
    ...Object.fromEntries(layer.map((what) => [what, LAYERS])),
    norm: 2 * LAYERS + 1,
    'linear embedding': 1,
    sample: 1,
  });
  for (const row of rows) {
    expect(row.microseconds).toBeGreaterThan(0);
    expect(row.gigaflops === null).toBe(row.kernel !== 'linear');
  }
  expect(rows.reduce((sum, row) => sum + row.share, 0)).toBeCloseTo(1);
  const down = rows.find(({ matrix }) => matrix === 'down')!;
  // Eight rows and 32 columns share a tile; q8 stores one byte per weight and two bytes of scale per 32 weights.
  expect(down.bytesMoved).toBe(64 * 96 + (64 * 96 * 2) / 32 + 2 * (96 + 64) * 4);
});

it('measures one kernel by name, and lists the kernels', async () => {
  const rows = await benchKernels({ ...options, only: 'attention' });
  expect(rows.map(({ kernel, dispatches }) => [kernel, dispatches])).toEqual([['attention', LAYERS]]);
  await expect(benchKernels({ ...options, only: 'softmax' })).rejects.toThrow(NoSuchKernelError);
});
