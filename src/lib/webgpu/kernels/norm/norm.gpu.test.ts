import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { encodeNormCall, norm, type NormParams } from './norm.ts';

const random = createRng(17);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal());

type Case = Partial<Pick<NormParams, 'kind' | 'branch' | 'post' | 'bias' | 'scale' | 'gather' | 'beside'>> & {
  hidden: number;
  count: number;
  ranks: number[];
};

describe.each([16, 64, 256])('norm with %i threads', (threads) => {
  it.each<Case>([
    { hidden: 4, count: 1, ranks: [] },
    { hidden: 48, count: 5, branch: true, bias: true, ranks: [3, 7] },
    { hidden: 100, count: 7, branch: true, post: true, ranks: [2, 4, 1] },
    { hidden: 260, count: 8, branch: true, post: true, bias: true, gather: true, ranks: [5] },
    { hidden: 48, count: 5, branch: true, post: true, kind: 'none', ranks: [3, 7] },
    { hidden: 48, count: 5, branch: true, scale: true, ranks: [3, 7] },
    { hidden: 100, count: 7, branch: true, post: true, scale: true, ranks: [2, 4, 1] },
    { hidden: 4, count: 1, kind: 'layer', ranks: [] },
    { hidden: 100, count: 7, branch: true, bias: true, kind: 'layer', ranks: [2, 4, 1] },
    { hidden: 100, count: 7, branch: true, bias: true, kind: 'layer', beside: true, ranks: [2, 4, 1] },
    { hidden: 260, count: 8, branch: true, gather: true, kind: 'layer', ranks: [5] },
  ])('$kind, hidden $hidden, $count rows, post $post, gather $gather, beside $beside', async (of) => {
    const { hidden, count, ranks, ...given } = of;
    const plain = {
      kind: 'rms',
      branch: false,
      post: false,
      bias: false,
      scale: false,
      gather: false,
      beside: false,
    } as const;
    const kind = { ...plain, ...given };
    const outputs = kind.gather ? [6, 1, 3] : [];
    const stride = padded(hidden);
    const step = stepCase({ rows: count, longest: hidden, ranks, dora: true, outputs });
    const x = floats(count * stride);
    await expectSame({
      kernel: norm,
      params: {
        ...step.params,
        ...kind,
        hidden,
        eps: 1e-6,
        residual: 0.7,
        pool: 'f32',
        ahead: threads > 16 ? 4 : 1,
        threads,
      },
      groups: [kind.gather ? outputs.length : count, 1, 1],
      buffers: {
        call: encodeNormCall({
          layer: 1,
          target: 6,
          weightAt: 0,
          postAt: 2 * hidden,
          biasAt: 3 * hidden,
          scaleAt: 4 * hidden,
        }),
        x,
        y: floats(count * stride),
        h: unwritten(count * stride),
        vectors: floats(4 * hidden + 4),
        z: step.z(1, 6, 1),
        pool: step.pool,
        state: step.state,
      },
      compare: { x: 'floats', h: 'floats' },
      tolerance: 3e-6,
    });
  });
});
