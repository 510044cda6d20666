// The second half of a LoRA whose matrices are too tall for the page pool, those of the embedding and the head: adds
// B z to what the base computed. It runs only in steps with a row to which such an adapter is applied, once for each of them.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { stateFunctions } from '../shared/adapter.ts';
import { planeType, readWeight, weightFunction } from '../shared/weights.ts';
import { appliedWeight, appliedWeightFunction } from '../shared/applied-weight.ts';
import source from './add-low-rank.wgsl?raw';

export type AddLowRankParams = StepParams & { dtype: WeightDtype };

export interface AddLowRankCall {
  rows: number;
  /** Groups of 32 in a row of z and of B. */
  groups: number;
  firstRow: number;
  yStride: number;
  /** Word offset of the adapter. */
  descriptor: number;
  /** z and y hold the step's outputs; otherwise its rows. */
  ofOutputs: boolean;
  scale: number;
}

const THREADS = 64;

export function encodeAddLowRankCall(call: AddLowRankCall): Uint32Array<ArrayBuffer> {
  const { rows, groups, firstRow, yStride, descriptor, ofOutputs, scale } = call;
  const words = new Uint32Array([rows, groups, firstRow, yStride, descriptor, +ofOutputs, 0, 0]);
  new Float32Array(words.buffer)[6] = scale;
  return words;
}

export const addLowRankGroups = (rows: number, tokens: number): Groups => [Math.ceil(rows / THREADS), tokens, 1];

export const addLowRank = defineKernel<AddLowRankParams>()({
  name: 'add-low-rank',
  bindings: { call: 'uniform', z: 'read', weights: 'read', scales: 'read', y: 'write', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({ THREADS }),
      `alias plane = ${planeType(params.dtype)};`,
      source,
      stateFunctions,
      appliedWeightFunction,
      weightFunction(params.dtype),
    ].join('\n'),
  reference({ call, z, weights, scales, y, state }, params) {
    const [rows, groups, firstRow, yStride, descriptor, ofOutputs] = Array.from(call.u32) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const scale = call.f32[6]!;
    const count = state.u32[ofOutputs ? HEADER.outputs : HEADER.rows]!;
    for (let t = 0; t < count; t++) {
      const row = ofOutputs ? state.u32[params.outputsAt + t]! : t;
      const applied = appliedWeight(state, params, row, descriptor);
      if (applied === 0) continue;
      for (let n = 0; n < rows; n++) {
        let sum = 0;
        for (let k = 0; k < groups * 32; k++) {
          sum += z.f32[t * groups * 32 + k]! * readWeight(params.dtype, weights, scales, groups, n, k);
        }
        y.f32[t * yStride + firstRow + n]! += scale * applied * sum;
      }
    }
  },
});
