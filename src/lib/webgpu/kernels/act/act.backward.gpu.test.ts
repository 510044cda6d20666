import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { expectSame, unwritten } from '#tests/support/kernel-case.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import type { Activation } from '../shared/activations.ts';
import { actBackward } from './act.backward.ts';
import { actGroups, encodeActCall } from './act.ts';

const random = createRng(31);

describe('the gradient of act', () => {
  it.each<{ activation: Activation; ffn: number; count: number; bias: boolean; ranks: number[] }>([
    { activation: 'relu', ffn: 68, count: 1, bias: false, ranks: [] },
    { activation: 'gelu-erf', ffn: 132, count: 7, bias: true, ranks: [3, 5] },
  ])('$activation, $ffn wide, $count rows', async ({ activation, ffn, count, bias, ranks }) => {
    const step = stepCase({ rows: count, longest: ffn, ranks, dora: true });
    // Far tails too: a derivative must neither overflow nor become NaN there.
    const y = Float32Array.from({ length: count * ffn }, (_, i) => random.normal() * (i % 5 === 0 ? 40 : 2));
    await expectSame({
      kernel: actBackward,
      params: { ...step.params, ffn, activation, bias, pool: 'f32', ahead: bias ? 4 : 1 },
      groups: actGroups(ffn, count),
      buffers: {
        call: encodeActCall({ layer: 1, biasAt: 4, target: 4 }),
        y,
        dh: Float32Array.from({ length: count * padded(ffn) }, () => random.normal()),
        dy: unwritten(count * ffn),
        vectors: Float32Array.from({ length: 4 + ffn }, () => random.normal()),
        z: step.z(1, 4, 1),
        pool: step.pool,
        state: step.state,
      },
      compare: { dy: 'floats' },
      tolerance: 2e-6,
    });
  });
});
