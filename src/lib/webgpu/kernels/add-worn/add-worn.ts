// Adds a vector of one adapter to what a matrix gave, for the rows that wear it: a trained bias, as its difference from the base's.
// It runs only in steps where some row wears such an adapter.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { wornWeight, wornWeightFunction } from '../shared/worn-weight.ts';
import source from './add-worn.wgsl?raw';

export interface AddWornCall {
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

export const encodeAddWornCall = (call: AddWornCall): Uint32Array<ArrayBuffer> =>
  new Uint32Array([call.at, call.length, call.first, call.yStride, call.descriptor, 0, 0, 0]);

export const addWornGroups = (length: number, rows: number): Groups => [Math.ceil(length / THREADS), rows, 1];

export const addWorn = defineKernel<StepParams>()({
  name: 'add-worn',
  bindings: { call: 'uniform', values: 'read', y: 'write', state: 'read' },
  wgsl: (params) =>
    [stepConstants(params), constants({ THREADS }), source, stateFunctions, wornWeightFunction].join('\n'),
  reference({ call, values, y, state }, params) {
    const [at, length, first, yStride, descriptor] = call.u32 as unknown as [number, number, number, number, number];
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const worn = wornWeight(state, params, row, descriptor);
      if (worn === 0) continue;
      for (let n = 0; n < length; n++) y.f32[row * yStride + first + n]! += worn * values.f32[at + n]!;
    }
  },
});
