import { describe, expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import {
  expectClose,
  expectSame,
  runKernel,
  testDevice,
  unwritten,
  type KernelCase,
} from '#tests/support/kernel-case.ts';
import { kvElements, loadedKv, storedKv, stepCase } from '#tests/support/step-case.ts';
import { encodeRopeCall, rope, ropeGroups, type RopeParams } from './rope.ts';

const random = createRng(23);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type Shape = Pick<RopeParams, 'heads' | 'kvHeads' | 'headDim' | 'ropeDim' | 'half' | 'norm' | 'bias'> &
  Partial<Pick<RopeParams, 'projects' | 'valueNorm'>>;

describe.each([16, 64])('rope with %i threads', (threads) => {
  it.each<Shape & { ranks: number[]; count: number }>([
    { heads: 1, kvHeads: 1, headDim: 4, ropeDim: 2, half: true, norm: 'none', bias: false, ranks: [], count: 1 },
    {
      heads: 4,
      kvHeads: 2,
      headDim: 32,
      ropeDim: 32,
      half: true,
      norm: 'head',
      bias: false,
      ranks: [4, 3],
      count: 7,
    },
    { heads: 3, kvHeads: 1, headDim: 40, ropeDim: 20, half: false, norm: 'none', bias: true, ranks: [2], count: 5 },
    {
      heads: 2,
      kvHeads: 2,
      headDim: 160,
      ropeDim: 80,
      half: true,
      norm: 'head',
      bias: true,
      ranks: [8, 1],
      count: 3,
    },
    { heads: 2, kvHeads: 1, headDim: 16, ropeDim: 0, half: true, norm: 'none', bias: false, ranks: [], count: 4 },
    { heads: 6, kvHeads: 2, headDim: 12, ropeDim: 12, half: true, norm: 'whole', bias: true, ranks: [3, 5], count: 5 },
    {
      ...{ heads: 4, kvHeads: 2, headDim: 12, ropeDim: 12, half: true, norm: 'head', bias: false },
      ...{ valueNorm: true, ranks: [3, 5], count: 5 },
    },
    {
      ...{ heads: 4, kvHeads: 1, headDim: 20, ropeDim: 20, half: true, norm: 'head', bias: false },
      ...{ projects: 'qk', valueNorm: true, ranks: [3, 5], count: 5 },
    },
    {
      ...{ heads: 3, kvHeads: 1, headDim: 16, ropeDim: 16, half: true, norm: 'head', bias: false },
      ...{ projects: 'q', valueNorm: true, ranks: [3], count: 4 },
    },
  ])('$heads/$kvHeads heads of $headDim, $ropeDim rotate', async ({ ranks, count, ...shape }) => {
    const { heads, kvHeads, headDim } = shape;
    for (const kv of ['f32', 'f16', 'i8'] as const) {
      const step = stepCase({
        rows: count,
        longest: heads * headDim,
        ranks,
        dora: true,
        positionOf: (row) => (row % 2 ? null : row * 9),
      });
      const elements = kvElements(kvHeads, headDim);
      const layout = { kv, headDim, valuesAt: elements / 2 };
      const of: KernelCase<RopeParams, keyof typeof rope.bindings> = {
        kernel: rope,
        params: {
          ...step.params,
          projects: 'qkv',
          valueNorm: false,
          ...shape,
          ofPrompt: shape.half,
          eps: 1e-6,
          growth: shape.half ? 0.3 : 0,
          growthEvery: 4,
          valuesAt: elements / 2,
          pool: 'f32',
          ahead: threads > 16 ? 4 : 1,
          kv,
          threads,
        },
        groups: ropeGroups(heads, shape.projects === 'q' ? 0 : kvHeads, count),
        buffers: {
          call: encodeRopeCall({
            layer: 1,
            firstTarget: 0,
            biasAt: 0,
            qNormAt: (heads + 2 * kvHeads) * headDim,
            kNormAt: (2 * heads + 2 * kvHeads) * headDim,
          }),
          y: floats(count * (heads + 2 * kvHeads) * headDim),
          q: unwritten(count * heads * headDim),
          kv: storedKv(layout, new Float32Array(2 * elements)),
          angles: floats(128 * Math.max(shape.ropeDim, 4)),
          vectors: floats((2 * heads + 3 * kvHeads) * headDim),
          z: step.z(1, 0, 3),
          pool: step.pool,
          state: step.state,
        },
        compare: { q: 'floats', ...(kv === 'f32' ? { kv: 'floats' as const } : {}) },
        tolerance: 3e-6,
      };
      await expectSame(of);
      // A layer that reads another's keys stores none.
      if (kv === 'f32' || shape.projects === 'q') continue;
      const stored = [await testDevice('default'), createReferenceDevice()].map(async (device) =>
        loadedKv(layout, (await runKernel(device, { ...of, compare: { kv: 'words' } })).kv!, 2 * elements),
      );
      const [actual, expected] = (await Promise.all(stored)) as [Float32Array, Float32Array];
      expect(expected.some((value) => value !== 0)).toBe(true);
      // A value between two steps may be rounded either way.
      expectClose(actual, expected, kv === 'i8' ? 1.01 / 127 : 2 ** -10, 'kv');
    }
  });
});
