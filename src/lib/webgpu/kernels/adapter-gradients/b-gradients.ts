// The gradient of B as it lies in the pool: dB[n, r] += sum over rows of dY[row, n] z[row, r]. z carries the blend weight; that B carries
// alpha / rank is the optimizer's business.

import { defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, type StepParams } from '../../step-state.ts';
import { adapterPlaces, appliedAdapters } from '../shared/adapter.ts';
import {
  decodeGradientCall,
  gradientHead,
  mostOutputs,
  outputsOf,
  type GradientCall,
  type GradientShape,
} from './gradient-call.ts';
import { readGradient } from './gradient-runs.ts';
import source from './b-gradients.wgsl?raw';

export type BGradientsParams = StepParams & GradientShape;

/** `gradients`: how many the buffer of runs has. */
export function bGradientsGroups(
  call: Pick<GradientCall, 'starts'>,
  rankWidth: number,
  gradients: number,
  { threads, lanes }: GradientShape,
): Groups {
  const targets = call.starts.length - 1;
  return [Math.ceil(mostOutputs(call) / 4 / (threads / lanes)), (targets * rankWidth) / 4, gradients];
}

export const bGradients = defineKernel<BGradientsParams>()({
  name: 'b-gradients',
  bindings: { call: 'uniform', dy: 'read', z: 'read', grads: 'write', runs: 'read', state: 'read' },
  wgsl: (params) => [gradientHead(params), source].join('\n'),
  reference({ call, dy, z, grads, runs, state }, params, [, , gradients]) {
    const { yStride, layer, firstTarget, starts } = decodeGradientCall(call.u32);
    const width = state.u32[HEADER.rankWidth]!;
    for (let g = 0; g < gradients; g++) {
      const { descriptor, places, runs: own } = readGradient(runs, g);
      for (let t = 0; t < starts.length - 1; t++) {
        const { bAt } = adapterPlaces(state, params, places, firstTarget + t);
        const sums = new Map<number, number>();
        for (const { first, end } of own) {
          const applied = appliedAdapters(state, params, first, layer, firstTarget + t).find(
            (one) => one.descriptor === descriptor,
          );
          if (!applied) continue;
          for (let row = first; row < end; row++) {
            const zAt = (row * 3 + t) * width + applied.offset;
            for (let n = 0; n < outputsOf({ starts }, t); n++) {
              const d = dy.f32[row * yStride + starts[t]! + n]!;
              for (let r = 0; r < applied.rank; r++) {
                sums.set(bAt(n, r), (sums.get(bAt(n, r)) ?? 0) + d * z.f32[zAt + r]!);
              }
            }
          }
        }
        for (const [at, sum] of sums) grads.f32[at]! += sum;
      }
    }
  },
});
