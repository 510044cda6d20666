// A norm with the weights that an adapter saved, for the rows to which it is applied. It follows the base's norm, which left the residual
// stream as it is, and overwrites what that gave; it runs only in steps with a row to which such an adapter is applied.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { appliedWeight, appliedWeightFunction } from '../shared/applied-weight.ts';
import source from './adapter-norm.wgsl?raw';

export type AdapterNormParams = StepParams & { hidden: number; eps: number };

export interface AdapterNormCall {
  /** Where the weights begin in `values`. */
  at: number;
  /** Word offset of the adapter. */
  descriptor: number;
  /** h holds the step's outputs; otherwise its rows. */
  ofOutputs: boolean;
}

const THREADS = 64;

export const encodeAdapterNormCall = ({ at, descriptor, ofOutputs }: AdapterNormCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([at, descriptor, +ofOutputs, 0]);

export const adapterNormGroups = (rows: number): Groups => [rows, 1, 1];

export const adapterNorm = defineKernel<AdapterNormParams>()({
  name: 'adapter-norm',
  bindings: { call: 'uniform', values: 'read', x: 'read', h: 'write', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS, HIDDEN: params.hidden, STRIDE: padded(params.hidden), EPS_F: params.eps }),
      source,
      stateFunctions,
      appliedWeightFunction,
    ].join('\n'),
  reference({ call, values, x, h, state }, params) {
    const [at, descriptor, ofOutputs] = call.u32 as unknown as [number, number, number];
    const { hidden, eps } = params;
    const stride = padded(hidden);
    for (let out = 0; out < state.u32[ofOutputs ? HEADER.outputs : HEADER.rows]!; out++) {
      const row = ofOutputs ? state.u32[params.outputsAt + out]! : out;
      if (appliedWeight(state, params, row, descriptor) === 0) continue;
      const from = x.f32.subarray(row * stride, row * stride + hidden);
      const inverse = 1 / Math.sqrt(from.reduce((sum, value) => sum + value * value, 0) / hidden + eps);
      from.forEach((value, i) => (h.f32[out * stride + i] = value * inverse * values.f32[at + i]!));
    }
  },
});
