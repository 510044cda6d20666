// The gradient of what enters the activation of a feed-forward block without a gate: of the matrix, its bias and its adapters together.

import { constants, defineKernel } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants } from '../../step-state.ts';
import { DERIVATIVES, derivativeFunction } from '../shared/activation-derivatives.ts';
import { adapterDelta, adapterFunctions, poolFunctions, poolType, stateFunctions } from '../shared/adapter.ts';
import source from './act.backward.wgsl?raw';
import { ACT_THREADS, type ActParams } from './act.ts';

/** Called and dispatched as `act` is. `dh` lies as its `h`, `dy` as its `y`. */
export const actBackward = defineKernel<ActParams>()({
  name: 'act-backward',
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
      constants({ THREADS: ACT_THREADS, VECTORS: params.ffn / 4, STRIDE: padded(params.ffn) / 4, BIAS: +params.bias }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      derivativeFunction(params.activation),
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, dh, dy, vectors, state } = memory;
    const [layer, biasAt, target] = call.u32 as unknown as [number, number, number];
    const { ffn } = params;
    const derivative = DERIVATIVES[params.activation];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let n = 0; n < ffn; n++) {
        const base = y.f32[row * ffn + n]!;
        const delta = adapterDelta(memory, params, { row, layer, target, zTarget: 0, n, y: base });
        const value = base + delta + (params.bias ? vectors.f32[biasAt + n]! : 0);
        dy.f32[row * ffn + n] = dh.f32[row * padded(ffn) + n]! * derivative(value);
      }
    }
  },
});
