import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import type { Activation } from '../shared/activations.ts';
import { encodeGluCall, glu, gluGroups } from './glu.ts';

const random = createRng(19);

describe.each<Activation>(['silu', 'gelu-tanh', 'gelu-erf'])('glu with %s', (activation) => {
  it.each([
    { ffn: 4, count: 1, bias: false, ranks: [] },
    { ffn: 68, count: 7, bias: true, ranks: [3, 5] },
    { ffn: 196, count: 3, bias: false, ranks: [16] },
  ])('$ffn wide, $count rows', async ({ ffn, count, bias, ranks }) => {
    const step = stepCase({ rows: count, longest: ffn, ranks, dora: true, poolDtype: 'f16' });
    // Far tails too: an activation must neither overflow nor become NaN there.
    const y = Float32Array.from({ length: count * 2 * ffn }, (_, i) => random.normal() * (i % 5 === 0 ? 40 : 2));
    await expectSame({
      kernel: glu,
      params: { ...step.params, ffn, activation, bias, pool: 'f16', ahead: bias ? 4 : 1 },
      groups: gluGroups(ffn, count),
      buffers: {
        call: encodeGluCall({ layer: 1, biasAt: 4, firstTarget: 4 }),
        y,
        h: unwritten(count * padded(ffn)),
        vectors: Float32Array.from({ length: 4 + 2 * ffn }, () => random.normal()),
        z: step.z(1, 4, 2),
        pool: step.pool,
        state: step.state,
      },
      compare: { h: 'floats' },
      tolerance: 2e-6,
    });
  });
});
