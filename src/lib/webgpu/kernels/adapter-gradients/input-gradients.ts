// What adapters add to the gradient of a matrix's input: dX[row, k] += sum over targets and ranks of u[row, r] A[r, k].

import { defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, type StepParams } from '../../step-state.ts';
import { appliedAdapters, readPool, type PoolDtype } from '../shared/adapter.ts';
import {
  decodeGradientCall,
  gradientHead,
  poolHead,
  TOKENS,
  type GradientCall,
  type GradientShape,
} from './gradient-call.ts';
import source from './input-gradients.wgsl?raw';

export type InputGradientsParams = StepParams & GradientShape & { pool: PoolDtype };

export const inputGradientsGroups = (
  { groups }: Pick<GradientCall, 'groups'>,
  rows: number,
  { threads }: GradientShape,
): Groups => [Math.ceil((groups * 8) / threads), Math.ceil(rows / TOKENS), 1];

export const inputGradients = defineKernel<InputGradientsParams>()({
  name: 'input-gradients',
  bindings: { call: 'uniform', u: 'read', pool: 'read', dx: 'write', state: 'read' },
  wgsl: (params) => [gradientHead(params), poolHead(params.pool), source].join('\n'),
  reference({ call, u, pool, dx, state }, params) {
    const { groups, layer, firstTarget, starts } = decodeGradientCall(call.u32);
    const columns = groups * 32;
    const width = state.u32[HEADER.rankWidth]!;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const sums = new Float64Array(columns);
      for (let t = 0; t < starts.length - 1; t++) {
        for (const { offset, rank, rowAt } of appliedAdapters(state, params, row, layer, firstTarget + t)) {
          for (let r = 0; r < rank; r++) {
            const ur = u.f32[(row * 3 + t) * width + offset + r]!;
            for (let k = 0; k < columns; k++) sums[k]! += ur * readPool(params.pool, pool, rowAt(r) + k);
          }
        }
      }
      for (let k = 0; k < columns; k++) dx.f32[row * columns + k]! += sums[k]!;
    }
  },
});
