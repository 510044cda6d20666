import { it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import { encodeLatentCall, latent, latentGroups } from './latent.ts';

const random = createRng(61);

it.each([
  { width: 4, tail: 0, first: 0, count: 1, ranks: [], threads: 8 },
  { width: 12, tail: 8, first: 24, count: 5, ranks: [3, 5], threads: 32 },
  { width: 516, tail: 64, first: 40, count: 3, ranks: [16], threads: 64 },
])('latent of $width and $tail behind, $count rows', async ({ width, tail, first, count, ranks, threads }) => {
  const step = stepCase({ rows: count, longest: width + tail, ranks, dora: true, poolDtype: 'f16' });
  const stride = first + width + tail;
  await expectSame({
    kernel: latent,
    params: { ...step.params, width, tail, eps: 1e-6, pool: 'f16', ahead: 4, threads },
    groups: latentGroups(count),
    buffers: {
      call: encodeLatentCall({ layer: 1, target: 1, zTarget: 1, first, stride, weightAt: 8 }),
      y: Float32Array.from({ length: count * stride }, () => random.normal()),
      h: unwritten(count * padded(width)),
      tail: unwritten(Math.max(4, count * tail)),
      vectors: Float32Array.from({ length: 8 + width }, () => random.normal()),
      z: step.z(1, 0, 2),
      pool: step.pool,
      state: step.state,
    },
    compare: { h: 'floats', tail: 'floats' },
    tolerance: 2e-6,
  });
});
