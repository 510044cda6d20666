import { describe, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { differences, expectGradient, runPlain } from '#tests/support/finite-differences.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { padded } from '../../matrix.ts';
import type { Activation } from '../shared/activations.ts';
import { gluBackward } from './glu.backward.ts';
import { encodeGluCall, glu } from './glu.ts';

const random = createRng(43);
const floats = (length: number) => Float32Array.from({ length }, () => random.normal() * 2);

describe.each<Activation>(['silu', 'gelu-tanh', 'gelu-erf', 'relu'])('the gradient of glu with %s', (activation) => {
  it('equals differences of its plain form, with biases and adapters', () => {
    const [ffn, rows] = [8, 4];
    const step = stepCase({ rows, longest: ffn, ranks: [2, 3] });
    const params = { ...step.params, ffn, activation, bias: true, pool: 'f32', ahead: 1 } as const;
    const shared = {
      call: encodeGluCall({ layer: 1, biasAt: 4, firstTarget: 4 }),
      y: floats(rows * 2 * ffn),
      vectors: floats(4 + 2 * ffn),
      z: step.z(1, 4, 2),
      pool: step.pool,
      state: step.state,
    };
    const dh = floats(rows * padded(ffn));
    const { dy } = runPlain({
      kernel: gluBackward,
      params,
      buffers: { ...shared, dh, dy: new Float32Array(rows * 2 * ffn) },
    });
    const forward = { kernel: glu, params, buffers: { ...shared, h: new Float32Array(dh.length) } };
    expectGradient(dy, differences(forward, { h: dh }, 'y'));
  });
});
