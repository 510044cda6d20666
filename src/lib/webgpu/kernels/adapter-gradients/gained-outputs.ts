// What DoRA's gains make of a gradient on its way to the base matrix: dY[row, n] times 1 + the blend's weights times gains minus one. It runs
// in place, behind the kernels of adapters that read dY and before `linear-backward`; only in steps that have such adapters.

import { defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, type StepParams } from '../../step-state.ts';
import { appliedAdapters, readPool, type PoolDtype } from '../shared/adapter.ts';
import {
  decodeGradientCall,
  gradientHead,
  mostOutputs,
  outputsOf,
  poolHead,
  type GradientCall,
} from './gradient-call.ts';
import source from './gained-outputs.wgsl?raw';

export type GainedOutputsParams = StepParams & { pool: PoolDtype; threads: number };

export const gainedOutputsGroups = (
  call: Pick<GradientCall, 'starts'>,
  rows: number,
  { threads }: Pick<GainedOutputsParams, 'threads'>,
): Groups => [Math.ceil(mostOutputs(call) / threads), call.starts.length - 1, rows];

export const gainedOutputs = defineKernel<GainedOutputsParams>()({
  name: 'gained-outputs',
  bindings: { call: 'uniform', dy: 'write', pool: 'read', state: 'read' },
  wgsl: (params) => [gradientHead({ ...params, lanes: 1 }), poolHead(params.pool), source].join('\n'),
  reference({ call, dy, pool, state }, params) {
    const { yStride, layer, firstTarget, starts } = decodeGradientCall(call.u32);
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let t = 0; t < starts.length - 1; t++) {
        const applied = appliedAdapters(state, params, row, layer, firstTarget + t).filter(({ dora }) => dora);
        for (let n = 0; n < outputsOf({ starts }, t); n++) {
          const change = applied.reduce(
            (sum, { weight, gainAt }) => sum + weight * readPool(params.pool, pool, gainAt() + n),
            0,
          );
          dy.f32[row * yStride + starts[t]! + n]! *= 1 + change;
        }
      }
    }
  },
});
