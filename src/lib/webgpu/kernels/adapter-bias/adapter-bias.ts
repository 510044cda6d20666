// Adds a vector of one adapter to what a matrix gave, for the rows to which it is applied: a trained bias, as its difference from the base's.
// It runs only in steps with a row to which such an adapter is applied.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { appliedWeight, appliedWeightFunction } from '../shared/applied-weight.ts';
import source from './adapter-bias.wgsl?raw';

export interface AdapterBiasCall {
  /** Where the vector begins in `values`, and how long it is. */
  at: number;
  length: number;
  /** Where its first element goes in a row of y. */
  first: number;
  yStride: number;
  /** Word offset of the adapter. */
  descriptor: number;
}

const THREADS = 64;

export const encodeAdapterBiasCall = (call: AdapterBiasCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.at, call.length, call.first, call.yStride, call.descriptor, 0, 0, 0]);

export const adapterBiasGroups = (length: number, rows: number): Groups => [Math.ceil(length / THREADS), rows, 1];

export const adapterBias = defineKernel<StepParams>()({
  name: 'adapter-bias',
  bindings: { call: 'uniform', values: 'read', y: 'write', state: 'read' },
  wgsl: (params) =>
    [stepConstants(params), constants({ THREADS }), source, stateFunctions, appliedWeightFunction].join('\n'),
  reference({ call, values, y, state }, params) {
    const [at, length, first, yStride, descriptor] = call.u32 as unknown as [number, number, number, number, number];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const applied = appliedWeight(state, params, row, descriptor);
      if (applied === 0) continue;
      for (let n = 0; n < length; n++) y.f32[row * yStride + first + n]! += applied * values.f32[at + n]!;
    }
  },
});
