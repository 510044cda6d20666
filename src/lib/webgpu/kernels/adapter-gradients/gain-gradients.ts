// The gradient of DoRA's gains: dg[n] += sum over rows of dY[row, n] (blend weight y[row, n] + (B z)[n] / g[n]), where y is what the base gave
// and B carries the gain. It lies where the pool has gains minus one. The norm in a gain is held constant, as PEFT does.

import { defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, type StepParams } from '../../step-state.ts';
import { adapterPlaces, appliedAdapters, readPool, type PoolDtype } from '../shared/adapter.ts';
import { appliedWeightFunction } from '../shared/applied-weight.ts';
import {
  decodeGradientCall,
  gradientHead,
  mostOutputs,
  outputsOf,
  poolHead,
  type GradientCall,
} from './gradient-call.ts';
import { readGradient } from './gradient-runs.ts';
import source from './gain-gradients.wgsl?raw';

export type GainGradientsParams = StepParams & { pool: PoolDtype; threads: number };

/** `gradients`: how many the buffer of runs has. */
export const gainGradientsGroups = (
  call: Pick<GradientCall, 'starts'>,
  gradients: number,
  { threads }: Pick<GainGradientsParams, 'threads'>,
): Groups => [Math.ceil(mostOutputs(call) / threads), call.starts.length - 1, gradients];

export const gainGradients = defineKernel<GainGradientsParams>()({
  name: 'gain-gradients',
  bindings: {
    ...{ call: 'uniform', dy: 'read', y: 'read', z: 'read', pool: 'read', grads: 'write', runs: 'read', state: 'read' },
  },
  wgsl: (params) =>
    [gradientHead({ ...params, lanes: 1 }), poolHead(params.pool), appliedWeightFunction, source].join('\n'),
  reference({ call, dy, y, z, pool, grads, runs, state }, params, [, , gradients]) {
    const { yStride, layer, firstTarget, starts } = decodeGradientCall(call.u32);
    const width = state.u32[HEADER.rankWidth]!;
    for (let i = 0; i < gradients; i++) {
      const { descriptor, places, runs: own } = readGradient(runs, i);
      for (let t = 0; t < starts.length - 1; t++) {
        const { gainAt } = adapterPlaces(state, params, places, firstTarget + t);
        const sums = new Float64Array(outputsOf({ starts }, t));
        for (const { first, end } of own) {
          const applied = appliedAdapters(state, params, first, layer, firstTarget + t).find(
            (one) => one.descriptor === descriptor,
          );
          for (let row = first; row < (applied?.dora ? end : 0); row++) {
            const { weight, rank, offset, bAt, gainAt: gainOf } = applied!;
            sums.forEach((_, n) => {
              const at = row * yStride + starts[t]! + n;
              const gain = 1 + readPool(params.pool, pool, gainOf() + n);
              let product = 0;
              for (let r = 0; r < rank; r++) {
                product += z.f32[(row * 3 + t) * width + offset + r]! * readPool(params.pool, pool, bAt(n, r));
              }
              sums[n]! += dy.f32[at]! * (weight * y.f32[at]! + (gain === 0 ? 0 : product / gain));
            });
          }
        }
        sums.forEach((sum, n) => (sum === 0 ? undefined : (grads.f32[gainAt() + n]! += sum)));
      }
    }
  },
});
