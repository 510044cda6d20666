import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { branchBackward, branchBackwardGroups, type BranchBackwardParams } from './branch.backward.ts';
import { encodeNormBackwardCall, normBackward, normBackwardGroups, type NormBackwardParams } from './norm.backward.ts';
import { encodeNormCall } from './norm.ts';

const random = createRng(53);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type NormCase = Pick<NormBackwardParams, 'kind' | 'hidden' | 'gather' | 'adds' | 'threads'> & { count: number };
type BranchCase = Pick<BranchBackwardParams, 'hidden' | 'post' | 'bias' | 'scale' | 'threads'> & {
  count: number;
  ranks: number[];
};

describe('the gradient of a norm', () => {
  it.each<NormCase>([
    { kind: 'rms', hidden: 4, count: 1, gather: false, adds: false, threads: 16 },
    { kind: 'rms', hidden: 260, count: 7, gather: true, adds: false, threads: 128 },
    { kind: 'none', hidden: 48, count: 5, gather: false, adds: true, threads: 16 },
    { kind: 'layer', hidden: 100, count: 7, gather: false, adds: true, threads: 16 },
  ])('$kind, hidden $hidden, $count rows, gather $gather, adds $adds, $threads threads', async ({ count, ...of }) => {
    const stride = padded(of.hidden);
    const step = stepCase({ rows: count, longest: of.hidden, outputs: of.gather ? [6, 1, 3] : [] });
    await expectSame({
      kernel: normBackward,
      params: { ...step.params, ...of, eps: 1e-6 },
      groups: normBackwardGroups(count),
      buffers: {
        call: encodeNormBackwardCall({ weightAt: 8 }),
        x: floats(count * stride).map((value) => value + 1),
        dh: floats(count * stride),
        dx: of.adds ? floats(count * stride) : unwritten(count * stride),
        vectors: floats(8 + of.hidden),
        state: step.state,
      },
      compare: { dx: 'floats' },
      tolerance: 3e-6,
    });
  });
});

describe('the gradient of a branch', () => {
  it.each<BranchCase>([
    { hidden: 4, count: 1, post: false, bias: false, scale: false, ranks: [], threads: 16 },
    { hidden: 100, count: 7, post: true, bias: true, scale: true, ranks: [2, 4, 1], threads: 128 },
  ])('hidden $hidden, $count rows, post $post, scale $scale, $threads threads', async ({ count, ranks, ...of }) => {
    const { hidden } = of;
    const stride = padded(hidden);
    const step = stepCase({ rows: count, longest: hidden, ranks, dora: true });
    const shape = { eps: 1e-6, residual: 0.7, pool: 'f32', ahead: of.threads > 16 ? 4 : 1 } as const;
    const at = { weightAt: 0, postAt: 0, biasAt: hidden, scaleAt: 2 * hidden };
    await expectSame({
      kernel: branchBackward,
      params: { ...step.params, ...of, ...shape },
      groups: branchBackwardGroups(count),
      buffers: {
        call: encodeNormCall({ layer: 1, target: 6, ...at }),
        y: floats(count * stride),
        dx: floats(count * stride),
        dy: unwritten(count * stride),
        vectors: floats(2 * hidden + 4),
        z: step.z(1, 6, 1),
        pool: step.pool,
        state: step.state,
      },
      compare: { dx: 'floats', dy: 'floats' },
      tolerance: 3e-6,
    });
  });
});
