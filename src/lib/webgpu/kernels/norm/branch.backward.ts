// The gradient of a branch, of its matrix, bias and adapters together, from that of the sum into which `norm` adds it. The stream before
// the branch has the gradient of the sum itself, so that stays in `dx`.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { adapterDelta, adapterFunctions, poolFunctions, poolType, stateFunctions } from '../shared/adapter.ts';
import { sumOverThreads } from '../shared/over-threads.ts';
import source from './branch.backward.wgsl?raw';
import type { NormParams } from './norm.ts';

export type BranchBackwardParams = StepParams &
  Pick<NormParams, 'hidden' | 'eps' | 'residual' | 'pool' | 'ahead' | 'post' | 'bias' | 'scale' | 'threads'>;

export const branchBackwardGroups = (rows: number): Groups => [rows, 1, 1];

/** Called as the `norm` that adds the branch. `y`, `z` and `pool` are read only where the branch is normed. */
export const branchBackward = defineKernel<BranchBackwardParams>()({
  name: 'branch-backward',
  bindings: {
    call: 'uniform',
    y: 'read',
    dx: 'write',
    dy: 'write',
    vectors: 'read',
    z: 'read',
    pool: 'read',
    state: 'read',
  },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS: params.threads,
        HIDDEN: params.hidden,
        VECTORS: params.hidden / 4,
        STRIDE: padded(params.hidden) / 4,
        EPS_F: params.eps,
        RESIDUAL_F: params.residual,
        POST: +params.post,
        BIAS: +params.bias,
        SCALE: +params.scale,
      }),
      `alias pool_word = ${poolType(params.pool)};`,
      source,
      sumOverThreads('vec2<f32>'),
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference(memory, params) {
    const { call, y, dx, dy, vectors, state } = memory;
    const [layer, target, , postAt, biasAt, scaleAt] = call.u32 as unknown as number[];
    const { hidden, eps, residual } = params;
    const scale = params.scale ? vectors.f32[scaleAt!]! : 1;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const at = row * padded(hidden);
      for (let i = 0; i < hidden; i++) dx.f32[at + i]! *= scale;
      if (!params.post) {
        for (let i = 0; i < hidden; i++) dy.f32[at + i] = residual * dx.f32[at + i]!;
        continue;
      }
      const branch = Float64Array.from({ length: hidden }, (_, n) => {
        const value = y.f32[at + n]!;
        const delta = adapterDelta(memory, params, { row, layer: layer!, target: target!, zTarget: 0, n, y: value });
        return value + delta + (params.bias ? vectors.f32[biasAt! + n]! : 0);
      });
      const g = branch.map((_, i) => residual * dx.f32[at + i]! * vectors.f32[postAt! + i]!);
      const r = 1 / Math.sqrt(branch.reduce((sum, b) => sum + b * b, 0) / hidden + eps);
      const along = g.reduce((sum, value, i) => sum + value * branch[i]! * r, 0) / hidden;
      branch.forEach((b, i) => (dy.f32[at + i] = r * (g[i]! - b * r * along)));
    }
  },
});
