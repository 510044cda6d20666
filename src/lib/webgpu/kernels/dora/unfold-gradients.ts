// Gradients of what the pool has of a DoRA adapter become gradients of its parameters, while the pool still has gains: it runs before
// `unfold-gains`. `places` are the descriptors of the gradients: the adapter's own, or those of single examples.

import { defineKernel, type Groups } from '../../kernel.ts';
import type { StepParams } from '../../step-state.ts';
import { gainGroups, gainHead, gainPlaces } from './gain-call.ts';
import source from './unfold-gradients.wgsl?raw';

/** `places`: how many the buffer has. */
export const unfoldGradientsGroups = (outputs: number, places: number): Groups => [gainGroups(outputs)[0], places, 1];

export const unfoldGradients = defineKernel<StepParams>()({
  name: 'unfold-gradients',
  bindings: { call: 'uniform', places: 'read', norms: 'read', pool: 'read', grads: 'write', state: 'read' },
  wgsl: (params) => [gainHead(params), source].join('\n'),
  reference({ call, places, norms, pool, grads, state }, params, [, count]) {
    const gains = gainPlaces(call, state, params).map(({ gain }) => 1 + pool.f32[gain]!);
    for (const descriptor of places.u32.subarray(0, count)) {
      for (const { n, gain: at, b } of gainPlaces(call, state, params, descriptor)) {
        grads.f32[at]! /= norms.f32[n]!;
        for (const element of b) grads.f32[element]! *= gains[n]!;
      }
    }
  },
});
