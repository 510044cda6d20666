// Before a step of the optimizer: what the pool has of a DoRA adapter becomes its parameters, B times alpha / rank and magnitudes.
// `norms` are the row norms that the gains were made with.

import { defineKernel } from '../../kernel.ts';
import type { StepParams } from '../../step-state.ts';
import { gainHead, gainPlaces } from './gain-call.ts';
import source from './unfold-gains.wgsl?raw';

export const unfoldGains = defineKernel<StepParams>()({
  name: 'unfold-gains',
  bindings: { call: 'uniform', norms: 'read', pool: 'write', state: 'read' },
  wgsl: (params) => [gainHead(params), source].join('\n'),
  reference({ call, norms, pool, state }, params) {
    for (const { n, gain: at, b } of gainPlaces(call, state, params)) {
      const gain = 1 + pool.f32[at]!;
      pool.f32[at] = gain * norms.f32[n]!;
      for (const element of b) pool.f32[element] = gain === 0 ? 0 : pool.f32[element]! / gain;
    }
  },
});
