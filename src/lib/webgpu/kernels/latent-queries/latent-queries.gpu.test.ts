import { it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { encodeLatentQueriesCall, latentQueries, latentQueriesGroups } from './latent-queries.ts';

const random = createRng(67);

it.each([
  { heads: 1, headDim: 4, ropeDim: 4, extra: 0, count: 1, ranks: [] },
  { heads: 3, headDim: 20, ropeDim: 8, extra: 12, count: 5, ranks: [3, 5] },
  { heads: 2, headDim: 192, ropeDim: 64, extra: 0, count: 4, ranks: [16] },
])(
  'latent-queries of $heads heads of $headDim, $ropeDim rotated',
  async ({ heads, headDim, ropeDim, extra, ...of }) => {
    const { count, ranks } = of;
    const step = stepCase({
      rows: count,
      longest: heads * headDim,
      ranks,
      dora: true,
      positionOf: (row) => 5 * row + 3,
    });
    const stride = heads * headDim + extra;
    await expectSame({
      kernel: latentQueries,
      params: { ...step.params, heads, headDim, ropeDim, pool: 'f32', ahead: 1 },
      groups: latentQueriesGroups(heads, headDim, count),
      buffers: {
        call: encodeLatentQueriesCall({ layer: 1, target: 2, stride }),
        y: Float32Array.from({ length: count * stride }, () => random.normal()),
        q: unwritten(count * heads * headDim),
        angles: Float32Array.from({ length: 64 * ropeDim }, () => random.normal()),
        z: step.z(1, 2, 1),
        pool: step.pool,
        state: step.state,
      },
      compare: { q: 'floats' },
      tolerance: 2e-6,
    });
  },
);
