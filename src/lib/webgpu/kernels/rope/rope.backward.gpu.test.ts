import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { projectedHeads } from './projected-heads.ts';
import { ropeBackward, ropeBackwardGroups } from './rope.backward.ts';
import { encodeRopeCall, type RopeParams } from './rope.ts';

const random = createRng(79);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type Case = Pick<RopeParams, 'heads' | 'kvHeads' | 'headDim' | 'ropeDim' | 'half' | 'norm' | 'bias' | 'threads'> &
  Partial<Pick<RopeParams, 'projects' | 'valueNorm'>> & { ranks: number[]; count: number };

describe('the gradient of rope', () => {
  it.each<Case>([
    {
      ...{ heads: 3, kvHeads: 1, headDim: 4, ropeDim: 0, half: true, norm: 'none', bias: false },
      ...{ projects: 'q', ranks: [], count: 1, threads: 16 },
    },
    {
      ...{ heads: 2, kvHeads: 2, headDim: 160, ropeDim: 80, half: true, norm: 'head', bias: true },
      ...{ ranks: [8, 1], count: 3, threads: 32 },
    },
    {
      ...{ heads: 6, kvHeads: 2, headDim: 12, ropeDim: 12, half: false, norm: 'whole', bias: true },
      ...{ ranks: [3, 5], count: 7, threads: 16 },
    },
    {
      ...{ heads: 4, kvHeads: 1, headDim: 20, ropeDim: 20, half: true, norm: 'head', bias: false },
      ...{ projects: 'qk', valueNorm: true, ranks: [3, 5], count: 5, threads: 16 },
    },
  ])('$heads/$kvHeads heads of $headDim, $ropeDim rotate, norm $norm, $threads threads', async (of) => {
    const { ranks, count, ...given } = of;
    const shape = { projects: 'qkv', valueNorm: false, ...given } as const;
    const { heads, kvHeads, headDim } = shape;
    const step = stepCase({
      ...{ rows: count, longest: heads * headDim, ranks, dora: true },
      positionOf: (row) => (row % 2 ? null : row * 9),
    });
    const all = (heads + 2 * kvHeads) * headDim;
    const settings = { eps: 1e-6, growth: of.half ? 0.3 : 0, growthEvery: 4, ofPrompt: of.half } as const;
    const params = { ...step.params, ...shape, ...settings, pool: 'f32', ahead: of.threads > 16 ? 4 : 1 } as const;
    await expectSame({
      kernel: ropeBackward,
      params,
      groups: ropeBackwardGroups(shape, count),
      buffers: {
        call: encodeRopeCall({ layer: 1, firstTarget: 0, biasAt: 0, qNormAt: all, kNormAt: all + heads * headDim }),
        y: floats(count * projectedHeads(shape) * headDim),
        dheads: floats(count * all),
        dy: unwritten(count * projectedHeads(shape) * headDim),
        angles: floats(128 * Math.max(shape.ropeDim, 4)),
        vectors: floats(2 * all),
        z: step.z(1, 0, 3),
        pool: step.pool,
        state: step.state,
      },
      compare: { dy: 'floats' },
      tolerance: 3e-6,
    });
  });
});
