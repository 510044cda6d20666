import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { differences, expectGradient, runPlain } from '#tests/support/finite-differences.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import type { Activation } from '../shared/activations.ts';
import { actBackward } from './act.backward.ts';
import { act, encodeActCall } from './act.ts';

const random = createRng(41);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal() * 2);

describe.each<Activation>(['silu', 'gelu-tanh', 'gelu-erf', 'relu'])('the gradient of act with %s', (activation) => {
  it('equals differences of its plain form, with bias and adapters', () => {
    const [ffn, rows] = [12, 4];
    const step = stepCase({ rows, longest: ffn, ranks: [2, 3] });
    const params = { ...step.params, ffn, activation, bias: true, pool: 'f32', ahead: 1 } as const;
    const shared = {
      call: encodeActCall({ layer: 1, biasAt: 4, target: 4 }),
      y: floats(rows * ffn),
      vectors: floats(4 + ffn),
      z: step.z(1, 4, 1),
      pool: step.pool,
      state: step.state,
    };
    const dh = floats(rows * padded(ffn));
    const { dy } = runPlain({
      kernel: actBackward,
      params,
      buffers: { ...shared, dh, dy: new Float32Array(rows * ffn) },
    });
    const forward = { kernel: act, params, buffers: { ...shared, h: new Float32Array(dh.length) } };
    expectGradient(dy, differences(forward, { h: dh }, 'y'));
  });
});
