// Which experts a row uses and how much each counts, from the scores of its router. One workgroup a row: a thread finds the rank of an
// expert by comparing it with all others.

import { constants, defineKernel } from '../../kernel.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { CHOICE_WORDS } from '../shared/expert-part.ts';
import source from './route.wgsl?raw';

export type RouteParams = StepParams & {
  experts: number;
  chosen: number;
  /** Scores of a row. */
  stride: number;
  scores: 'softmax' | 'sigmoid';
  /** A vector is added to what decides the choice, not to the weights. */
  bias: boolean;
  /** Groups of neighbouring experts; 1: no groups. */
  groups: number;
  /** Groups from which experts are chosen. */
  kept: number;
  /** A group's score is the sum of its two best experts', not that of its best. */
  bestTwo: boolean;
  /** Weights are divided by their sum. */
  normalise: boolean;
  scale: number;
  threads: number;
};

export const encodeRouteCall = (biasAt: number): Uint32Array<ArrayBuffer> => new Uint32Array([biasAt, 0, 0, 0]);

export const route = defineKernel<RouteParams>()({
  name: 'route',
  bindings: { call: 'uniform', scores: 'read', choices: 'write', vectors: 'read', state: 'read' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS: params.threads,
        EXPERTS: params.experts,
        CHOSEN: params.chosen,
        SCORE_STRIDE: params.stride,
        SOFTMAX: +(params.scores === 'softmax'),
        BIAS: +params.bias,
        ROUTER_GROUPS: params.groups,
        GROUP_SIZE: params.experts / params.groups,
        KEPT: params.kept,
        BEST_TWO: +params.bestTwo,
        NORMALISE: +params.normalise,
        SCALE_F: params.scale,
        CHOICE_WORDS,
      }),
      source,
    ].join('\n'),
  reference({ call, scores, choices, vectors, state }, params) {
    const { experts, chosen, stride, groups, kept, bestTwo } = params;
    const size = experts / groups;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      const raw = scores.f32.subarray(row * stride, row * stride + experts);
      const weights = params.scores === 'softmax' ? softmax(raw) : Array.from(raw, (v) => 1 / (1 + Math.exp(-v)));
      const preferences = weights.map((weight, e) => weight + (params.bias ? vectors.f32[call.u32[0]! + e]! : 0));
      const ofGroups = Array.from({ length: groups }, (_, g) => {
        const [best, second] = preferences.slice(g * size, (g + 1) * size).sort((p, q) => q - p);
        return best! + (bestTwo ? second! : 0);
      });
      const open = new Set(descending(ofGroups).slice(0, groups > 1 ? kept : groups));
      const picked = descending(preferences)
        .filter((e) => open.has(Math.floor(e / size)))
        .slice(0, chosen);
      const total = params.normalise ? picked.reduce((sum, e) => sum + weights[e]!, 0) : 1;
      picked.forEach((e, c) => {
        const at = (row * chosen + c) * CHOICE_WORDS;
        choices.u32[at] = e;
        choices.f32[at + 1] = (weights[e]! / total) * params.scale;
      });
    }
  },
});

function softmax(values: Float32Array): number[] {
  const top = Math.max(...values);
  const powers = Array.from(values, (v) => Math.exp(v - top));
  const total = powers.reduce((sum, v) => sum + v, 0);
  return powers.map((v) => v / total);
}

/** Indices by descending value; equal values stay in their order. */
const descending = (values: readonly number[]): number[] =>
  values.map((_, i) => i).sort((p, q) => values[q]! - values[p]!);
