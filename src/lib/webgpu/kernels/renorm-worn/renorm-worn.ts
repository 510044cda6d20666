// A norm with the weights that an adapter saved, for the rows that wear it. It follows the base's norm, which left the residual
// stream as it is, and overwrites what that gave; it runs only in steps where some row wears such an adapter.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { wornWeight, wornWeightFunction } from '../shared/worn-weight.ts';
import source from './renorm-worn.wgsl?raw';

export type RenormWornParams = StepParams & { hidden: number; eps: number };

export interface RenormWornCall {
  /** Where the weights begin in `values`. */
  at: number;
  /** Word offset of the adapter. */
  descriptor: number;
  /** h holds the step's outputs; otherwise its rows. */
  ofOutputs: boolean;
}

const THREADS = 64;

export const encodeRenormWornCall = ({ at, descriptor, ofOutputs }: RenormWornCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([at, descriptor, +ofOutputs, 0]);

export const renormWornGroups = (rows: number): Groups => [rows, 1, 1];

export const renormWorn = defineKernel<RenormWornParams>()({
  name: 'renorm-worn',
  bindings: { call: 'uniform', values: 'read', x: 'read', h: 'write', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS, HIDDEN: params.hidden, STRIDE: padded(params.hidden), EPS_F: params.eps }),
      source,
      stateFunctions,
      wornWeightFunction,
    ].join('\n'),
  reference({ call, values, x, h, state }, params) {
    const [at, descriptor, ofOutputs] = call.u32 as unknown as [number, number, number];
    const { hidden, eps } = params;
    const stride = padded(hidden);
    for (let out = 0; out < state.u32[ofOutputs ? HEADER.outputs : HEADER.rows]!; out++) {
      const row = ofOutputs ? state.u32[params.outputsAt + out]! : out;
      if (wornWeight(state, params, row, descriptor) === 0) continue;
      const from = x.f32.subarray(row * stride, row * stride + hidden);
      const inverse = 1 / Math.sqrt(from.reduce((sum, value) => sum + value * value, 0) / hidden + eps);
      from.forEach((value, i) => (h.f32[out * stride + i] = value * inverse * values.f32[at + i]!));
    }
  },
});
