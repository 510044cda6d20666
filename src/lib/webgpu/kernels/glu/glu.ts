// The gated activation between the two halves of a feed-forward block.

import { constants, type Groups, defineKernel, type Memory } from '../../kernel.ts';
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
import gateAndUpSource from './gate-and-up.wgsl?raw';
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
export const GLU_THREADS = 32;

/** `firstTarget`: the gate among the adapted projections; `up` follows it. */
export const encodeGluCall = (call: { layer: number; biasAt: number; firstTarget: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.layer, call.biasAt, call.firstTarget, 0]);

export const gluGroups = (ffn: number, rows: number): Groups => [Math.ceil(ffn / 4 / GLU_THREADS), rows, 1];

export const glu = defineKernel<GluParams>()({
  name: 'glu',
  bindings: { call: 'uniform', y: 'read', h: 'write', vectors: 'read', z: 'read', pool: 'read', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS: GLU_THREADS, VECTORS: params.ffn / 4, STRIDE: padded(params.ffn) / 4, BIAS: +params.bias }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      gateAndUpSource,
      activationFunction(params.activation),
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { h, state } = memory;
    const { ffn } = params;
    const act = ACTIVATIONS[params.activation];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let i = 0; i < ffn; i++) {
        h.f32[row * padded(ffn) + i] = act(gateOrUp(memory, params, row, 0, i)) * gateOrUp(memory, params, row, 1, i);
      }
    }
  },
});

/** Element i of the gate (part 0) or of up (part 1), with bias and adapter. */
export function gateOrUp(
  memory: Record<'call' | 'y' | 'vectors' | 'z' | 'pool' | 'state', Memory>,
  params: GluParams,
  row: number,
  part: 0 | 1,
  i: number,
): number {
  const { call, y, vectors } = memory;
  const [layer, biasAt, firstTarget] = call.u32 as unknown as [number, number, number];
  const at = part * params.ffn + i;
  const base = y.f32[row * 2 * params.ffn + at]!;
  const target = firstTarget + part;
  const delta = adapterDelta(memory, params, { row, layer, target, zTarget: part, n: i, y: base });
  return base + delta + (params.bias ? vectors.f32[biasAt + at]! : 0);
}
