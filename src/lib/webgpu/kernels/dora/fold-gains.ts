// Behind a step of the optimizer, and behind `dora`, which measured the row norms anew: magnitudes become gains minus one again, and B carries
// its gain, as the forward pass reads them.

import { defineKernel } from '../../kernel.ts';
import type { StepParams } from '../../step-state.ts';
import { gainHead, gainPlaces } from './gain-call.ts';
import source from './fold-gains.wgsl?raw';

export const foldGains = defineKernel<StepParams>()({
  name: 'fold-gains',
  bindings: { call: 'uniform', norms: 'read', pool: 'write', state: 'read' },
  wgsl: (params) => [gainHead(params), source].join('\n'),
  reference({ call, norms, pool, state }, params) {
    for (const { n, gain: at, b } of gainPlaces(call, state, params)) {
      const gain = Math.fround(pool.f32[at]! / norms.f32[n]!);
      pool.f32[at] = gain - 1;
      for (const element of b) pool.f32[element]! *= gain;
    }
  },
});
