// The gradients of q, k and v as projected, of their matrix, bias and adapters together, from those of the heads that attention reads.

import { defineKernel, type Groups } from '../../kernel.ts';
import { stepConstants } from '../../step-state.ts';
import { adapterFunctions, poolFunctions, poolType, stateFunctions } from '../shared/adapter.ts';
import { sumOverThreads } from '../shared/over-threads.ts';
import { projectedHeads } from './projected-heads.ts';
import projectedSource from './projected.wgsl?raw';
import { ropeBackwardReference } from './rope.backward.reference.ts';
import source from './rope.backward.wgsl?raw';
import { ropeConstants, type RopeParams } from './rope.ts';

export type RopeBackwardParams = Omit<RopeParams, 'valuesAt' | 'kv'>;

/** A workgroup for each head that is projected, or for each of q, k and v where a norm spans all their heads. */
export const ropeBackwardGroups = (
  params: Pick<RopeParams, 'heads' | 'kvHeads' | 'projects' | 'norm'>,
  rows: number,
): Groups => [params.norm === 'whole' ? { q: 1, qk: 2, qkv: 3 }[params.projects] : projectedHeads(params), rows, 1];

/** Called as `rope` is. `dheads` as `attention` leaves it, of which `projects: 'q'` reads the heads of q; `dy` lies as the `y` of `rope`. */
export const ropeBackward = defineKernel<RopeBackwardParams>()({
  name: 'rope-backward',
  bindings: {
    call: 'uniform',
    y: 'read',
    dheads: 'read',
    dy: 'write',
    angles: 'read',
    vectors: 'read',
    z: 'read',
    pool: 'read',
    state: 'read',
  },
  wgsl: (params) =>
    [
      stepConstants(params),
      ropeConstants(params),
      `alias pool_word = ${poolType(params.pool)};`,
      projectedSource,
      source,
      sumOverThreads('vec3<f32>'),
      stateFunctions,
      poolFunctions(params.pool),
      adapterFunctions(params.ahead),
    ].join('\n'),
  reference: ropeBackwardReference,
});
