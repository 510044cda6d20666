// The activation between the two halves of a feed-forward block without a gate.

import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { activationFunction, ACTIVATIONS, type Activation } from '../shared/activations.ts';
import {
  adapterDelta,
  adapterFunctions,
  poolFunctions,
  poolType,
  stateFunctions,
  type PoolDtype,
  type RanksAhead,
} from '../shared/adapter.ts';
import source from './act.wgsl?raw';

export type ActParams = StepParams & {
  /** A multiple of 4, as is the offset of the bias. */
  ffn: number;
  activation: Activation;
  bias: boolean;
  pool: PoolDtype;
  ahead: RanksAhead;
};

/** Threads of a workgroup; each takes four elements. */
export const ACT_THREADS = 32;

export const encodeActCall = (call: { layer: number; biasAt: number; target: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.biasAt, call.target, 0]);

export const actGroups = (ffn: number, rows: number): Groups => [Math.ceil(ffn / 4 / ACT_THREADS), rows, 1];

export const act = defineKernel<ActParams>()({
  name: 'act',
  bindings: { call: 'uniform', y: 'read', h: 'write', vectors: 'read', z: 'read', pool: 'read', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS: ACT_THREADS, VECTORS: params.ffn / 4, STRIDE: padded(params.ffn) / 4, BIAS: +params.bias }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      activationFunction(params.activation),
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, h, vectors, state } = memory;
    const [layer, biasAt, target] = call.u32 as unknown as [number, number, number];
    const { ffn } = params;
    const activate = ACTIVATIONS[params.activation];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let n = 0; n < ffn; n++) {
        const base = y.f32[row * ffn + n]!;
        const delta = adapterDelta(memory, params, { row, layer, target, zTarget: 0, n, y: base });
        h.f32[row * padded(ffn) + n] = activate(base + delta + (params.bias ? vectors.f32[biasAt + n]! : 0));
      }
    }
  },
});
