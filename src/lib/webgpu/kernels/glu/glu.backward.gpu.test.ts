import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import type { Activation } from '../shared/activations.ts';
import { gluBackward } from './glu.backward.ts';
import { encodeGluCall, gluGroups } from './glu.ts';

const random = createRng(37);

describe('the gradient of glu', () => {
  it.each<{ activation: Activation; ffn: number; count: number; bias: boolean; ranks: number[] }>([
    { activation: 'gelu-tanh', ffn: 68, count: 1, bias: false, ranks: [] },
    { activation: 'silu', ffn: 132, count: 7, bias: true, ranks: [3, 5] },
  ])('$activation, $ffn wide, $count rows', async ({ activation, ffn, count, bias, ranks }) => {
    const step = stepCase({ rows: count, longest: ffn, ranks, dora: true });
    // Far tails too: a derivative must neither overflow nor become NaN there.
    const y = Float32Array.from({ length: count * 2 * ffn }, (_, i) => random.normal() * (i % 5 === 0 ? 40 : 2));
    await expectSame({
      kernel: gluBackward,
      params: { ...step.params, ffn, activation, bias, pool: 'f32', ahead: bias ? 4 : 1 },
      groups: gluGroups(ffn, count),
      buffers: {
        call: encodeGluCall({ layer: 1, biasAt: 4, firstTarget: 4 }),
        y,
        dh: Float32Array.from({ length: count * padded(ffn) }, () => random.normal()),
        dy: unwritten(count * 2 * ffn),
        vectors: Float32Array.from({ length: 4 + 2 * ffn }, () => random.normal()),
        z: step.z(1, 4, 2),
        pool: step.pool,
        state: step.state,
      },
      compare: { dy: 'floats' },
      tolerance: 2e-6,
    });
  });
});
