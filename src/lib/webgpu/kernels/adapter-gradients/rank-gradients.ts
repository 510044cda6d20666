// The gradient of what an adapter's A gives: u[row, r] = blend weight * sum over n of dY[row, n] B[n, r], laid out as z.
// It is the first half of an adapter's backward pass; `a-gradients` and `input-gradients` read u.

import { defineKernel, type Groups } from '../../kernel.ts';
import { HEADER, roundRank, type StepParams } from '../../step-state.ts';
import { appliedAdapters, readPool, type PoolDtype } from '../shared/adapter.ts';
import { decodeGradientCall, gradientHead, outputsOf, poolHead, TOKENS, type GradientShape } from './gradient-call.ts';
import source from './rank-gradients.wgsl?raw';

export type RankGradientsParams = StepParams & GradientShape & { pool: PoolDtype };

/** `targets` are stacked; `rankWidth` is the greatest total rank of any row's blend. */
export const rankGradientsGroups = (
  targets: number,
  rows: number,
  rankWidth: number,
  { threads, lanes }: GradientShape,
): Groups => [Math.ceil((targets * rankWidth) / 4 / (threads / lanes)), Math.ceil(rows / TOKENS), 1];

export const rankGradients = defineKernel<RankGradientsParams>()({
  name: 'rank-gradients',
  bindings: { call: 'uniform', dy: 'read', pool: 'read', u: 'write', state: 'read' },
  wgsl: (params) => [gradientHead(params), poolHead(params.pool), source].join('\n'),
  reference({ call, dy, pool, u, state }, params) {
    const { yStride, layer, firstTarget, starts } = decodeGradientCall(call.u32);
    const width = state.u32[HEADER.rankWidth]!;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let t = 0; t < starts.length - 1; t++) {
        for (const applied of appliedAdapters(state, params, row, layer, firstTarget + t)) {
          const at = (row * 3 + t) * width + applied.offset;
          u.f32.fill(0, at, at + roundRank(applied.rank));
          for (let r = 0; r < applied.rank; r++) {
            let sum = 0;
            for (let n = 0; n < outputsOf({ starts }, t); n++) {
              sum += dy.f32[row * yStride + starts[t]! + n]! * readPool(params.pool, pool, applied.bAt(n, r));
            }
            u.f32[at + r] = applied.weight * sum;
          }
        }
      }
    }
  },
});
