// The gradient of A: dA[r, k] += sum over rows of u[row, r] x[row, k]. Stacked projections of one PEFT module share their rows of A;
// the first of them sums for all.

import { defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, type StepParams } from '../../step-state.ts';
import { adapterPlaces, appliedAdapters } from '../shared/adapter.ts';
import { decodeGradientCall, gradientHead, type GradientCall, type GradientShape } from './gradient-call.ts';
import { readGradient } from './gradient-runs.ts';
import source from './a-gradients.wgsl?raw';

export type AGradientsParams = StepParams & GradientShape;

/** `gradients`: how many the buffer of runs has. */
export function aGradientsGroups(
  { groups, starts }: Pick<GradientCall, 'groups' | 'starts'>,
  rankWidth: number,
  gradients: number,
  { threads, lanes }: GradientShape,
): Groups {
  return [Math.ceil((groups * 8) / (threads / lanes)), ((starts.length - 1) * rankWidth) / 4, gradients];
}

export const aGradients = defineKernel<AGradientsParams>()({
  name: 'a-gradients',
  bindings: { call: 'uniform', x: 'read', u: 'read', grads: 'write', runs: 'read', state: 'read' },
  wgsl: (params) => [gradientHead(params), source].join('\n'),
  reference({ call, x, u, grads, runs, state }, params, [, , gradients]) {
    const { groups, layer, firstTarget, starts } = decodeGradientCall(call.u32);
    const columns = groups * 32;
    const width = state.u32[HEADER.rankWidth]!;
    for (let g = 0; g < gradients; g++) {
      const { descriptor, places, runs: own } = readGradient(runs, g);
      const sums = new Map<number, number>();
      for (let t = 0; t < starts.length - 1; t++) {
        const { rowAt } = adapterPlaces(state, params, places, firstTarget + t);
        for (const { first, end } of own) {
          const applied = appliedAdapters(state, params, first, layer, firstTarget + t).find(
            (one) => one.descriptor === descriptor,
          );
          for (let row = first; row < (applied ? end : 0); row++) {
            const uAt = (row * 3 + t) * width + applied!.offset;
            for (let r = 0; r < applied!.rank; r++) {
              for (let k = 0; k < columns; k++) {
                const at = rowAt(r) + k;
                sums.set(at, (sums.get(at) ?? 0) + u.f32[uAt + r]! * x.f32[row * columns + k]!);
              }
            }
          }
        }
      }
      for (const [at, sum] of sums) grads.f32[at]! += sum;
    }
  },
});
