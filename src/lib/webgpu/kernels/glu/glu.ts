// The gated activation between the two halves of a feed-forward block.

import { constants, type Groups, defineKernel } from '../../kernel.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import {
  adapterDelta,
  adapterFunctions,
  poolFunctions,
  poolType,
  stateFunctions,
  type PoolDtype,
  type RanksAhead,
} from '../shared/adapter.ts';
import { padded } from '../../matrix.ts';
import { activationFunction, ACTIVATIONS, type Activation } from '../shared/activations.ts';
import source from './glu.wgsl?raw';

export type GluParams = StepParams & {
  /** A multiple of 4, as is the offset of the bias. */
  ffn: number;
  activation: Activation;
  bias: boolean;
  pool: PoolDtype;
  ahead: RanksAhead;
};

/** Threads of a workgroup; each takes four elements. */
const THREADS = 32;

/** `firstTarget`: the gate among the adapted projections; `up` follows it. */
export const encodeGluCall = (call: { layer: number; biasAt: number; firstTarget: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.biasAt, call.firstTarget, 0]);

export const gluGroups = (ffn: number, rows: number): Groups => [Math.ceil(ffn / 4 / THREADS), rows, 1];

export const glu = defineKernel<GluParams>()({
  name: 'glu',
  bindings: { call: 'uniform', y: 'read', h: 'write', vectors: 'read', z: 'read', pool: 'read', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS, VECTORS: params.ffn / 4, STRIDE: padded(params.ffn) / 4, BIAS: +params.bias }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      activationFunction(params.activation),
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, h, vectors, state } = memory;
    const [layer, biasAt, firstTarget] = call.u32 as unknown as [number, number, number];
    const { ffn } = params;
    const act = ACTIVATIONS[params.activation];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let i = 0; i < ffn; i++) {
        const value = (part: number) => {
          const at = part * ffn + i;
          const base = y.f32[row * 2 * ffn + at]!;
          const target = firstTarget + part;
          const delta = adapterDelta(memory, params, { row, layer, target, zTarget: part, n: i, y: base });
          return base + delta + (params.bias ? vectors.f32[biasAt + at]! : 0);
        };
        h.f32[row * padded(ffn) + i] = act(value(0)) * value(1);
      }
    }
  },
});
