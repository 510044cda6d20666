// Gate, up and activation of the chosen experts of every row: one output of one expert a thread.
// Each pair of row and expert is computed alone, so its bits do not depend on the batch.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { activationFunction, ACTIVATIONS, type Activation } from '../shared/activations.ts';
import { CHOICE_WORDS, partFunction } from '../shared/expert-part.ts';
import { planeType, readWeight, rowDotFunction } from '../shared/weights.ts';
import source from './expert-glu.wgsl?raw';

export type ExpertGluParams = StepParams & {
  /** Width of one expert. */
  ffn: number;
  /** Experts of a row. */
  chosen: number;
  dtype: WeightDtype;
  activation: Activation;
  threads: number;
};

export const expertGluGroups = (
  { ffn, chosen, threads }: Pick<ExpertGluParams, 'ffn' | 'chosen' | 'threads'>,
  rows: number,
): Groups => [Math.ceil(ffn / threads), rows * chosen, 1];

export const expertGlu = defineKernel<ExpertGluParams>()({
  name: 'expert-glu',
  bindings: {
    call: 'uniform',
    x: 'read',
    gate: 'read',
    gateScales: 'read',
    up: 'read',
    upScales: 'read',
    choices: 'read',
    h: 'write',
    state: 'read',
  },
  wgsl: ({ ffn, chosen, dtype, activation, threads, ...step }) =>
    [
      stepConstants(step),
      constants({ THREADS: threads, FFN: ffn, STRIDE: padded(ffn), CHOSEN: chosen, CHOICE_WORDS }),
      `alias plane = ${planeType(dtype)};`,
      source,
      partFunction,
      activationFunction(activation),
      rowDotFunction(dtype, 'gate_dot', 'gate', 'gate_scales'),
      rowDotFunction(dtype, 'up_dot', 'up', 'up_scales'),
    ].join('\n'),
  reference({ call, x, gate, gateScales, up, upScales, choices, h, state }, { ffn, chosen, dtype, activation }) {
    const [firstRow, rows, groups] = call.u32 as unknown as [number, number, number];
    const columns = groups * 32;
    const act = ACTIVATIONS[activation];
    for (let pair = 0; pair < state.u32[HEADER.rows]! * chosen; pair++) {
      const at = Math.floor(pair / chosen) * columns;
      for (let i = 0; i < ffn; i++) {
        const n = choices.u32[pair * CHOICE_WORDS]! * ffn + i - firstRow;
        if (n < 0 || n >= rows) continue;
        let [ofGate, ofUp] = [0, 0];
        for (let k = 0; k < columns; k++) {
          ofGate += readWeight(dtype, gate, gateScales, groups, n, k) * x.f32[at + k]!;
          ofUp += readWeight(dtype, up, upScales, groups, n, k) * x.f32[at + k]!;
        }
        h.f32[pair * padded(ffn) + i] = act(ofGate) * ofUp;
      }
    }
  },
});
