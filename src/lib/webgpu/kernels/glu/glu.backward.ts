// The gradients of gate and up: each of the matrix, its bias and its adapters together.

import { constants, defineKernel } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants } from '../../step-state.ts';
import { DERIVATIVES, derivativeFunction } from '../shared/activation-derivatives.ts';
import { activationFunction, ACTIVATIONS } from '../shared/activations.ts';
import { adapterFunctions, poolFunctions, poolType, stateFunctions } from '../shared/adapter.ts';
import gateAndUpSource from './gate-and-up.wgsl?raw';
import source from './glu.backward.wgsl?raw';
import { gateOrUp, GLU_THREADS, type GluParams } from './glu.ts';

/** Called and dispatched as `glu` is. `dh` lies as its `h`, `dy` as its `y`. */
export const gluBackward = defineKernel<GluParams>()({
  name: 'glu-backward',
  bindings: {
    call: 'uniform',
    y: 'read',
    dh: 'read',
    dy: 'write',
    vectors: 'read',
    z: 'read',
    pool: 'read',
    state: 'read',
  },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS: GLU_THREADS, VECTORS: params.ffn / 4, STRIDE: padded(params.ffn) / 4, BIAS: +params.bias }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      gateAndUpSource,
      activationFunction(params.activation),
      derivativeFunction(params.activation),
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { dh, dy, state } = memory;
    const { ffn } = params;
    const act = ACTIVATIONS[params.activation];
    const derivative = DERIVATIVES[params.activation];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let i = 0; i < ffn; i++) {
        const gate = gateOrUp(memory, params, row, 0, i);
        const up = gateOrUp(memory, params, row, 1, i);
        const given = dh.f32[row * padded(ffn) + i]!;
        dy.f32[row * 2 * ffn + i] = given * up * derivative(gate);
        dy.f32[(row * 2 + 1) * ffn + i] = given * act(gate);
      }
    }
  },
});
