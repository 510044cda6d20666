// The gate of what a layer gets beside the stream: an activation of the projected stream, times that input.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
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
import source from './input-gate.wgsl?raw';

export type InputGateParams = StepParams & {
  /** A multiple of 4. */
  width: number;
  activation: Activation;
  pool: PoolDtype;
  ahead: RanksAhead;
};

/** Threads of a workgroup; each takes four elements. */
const THREADS = 32;

export const encodeInputGateCall = ({ layer, target }: { layer: number; target: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([layer, target, 0, 0]);

export const inputGateGroups = (width: number, rows: number): Groups => [Math.ceil(width / 4 / THREADS), rows, 1];

export const inputGate = defineKernel<InputGateParams>()({
  name: 'input-gate',
  bindings: { call: 'uniform', y: 'read', x: 'read', h: 'write', z: 'read', pool: 'read', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS, VECTORS: params.width / 4, STRIDE: padded(params.width) / 4 }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      activationFunction(params.activation),
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, x, h, state } = memory;
    const [layer, target] = call.u32 as unknown as [number, number];
    const { width } = params;
    const activate = ACTIVATIONS[params.activation];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let n = 0; n < width; n++) {
        const base = y.f32[row * width + n]!;
        const delta = adapterDelta(memory, params, { row, layer, target, zTarget: 0, n, y: base });
        h.f32[row * padded(width) + n] = activate(base + delta) * x.f32[row * width + n]!;
      }
    }
  },
});
