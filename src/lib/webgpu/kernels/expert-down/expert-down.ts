// The last matrix of the chosen experts of every row, weighted, summed in the order of choice and added to the residual stream.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import { CHOICE_WORDS, partFunction } from '../shared/expert-part.ts';
import { planeType, readWeight, rowDotFunction } from '../shared/weights.ts';
import source from './expert-down.wgsl?raw';

export type ExpertDownParams = StepParams & {
  hidden: number;
  /** Experts of a row. */
  chosen: number;
  dtype: WeightDtype;
  threads: number;
};

export const expertDownGroups = (
  { hidden, threads }: Pick<ExpertDownParams, 'hidden' | 'threads'>,
  rows: number,
): Groups => [Math.ceil(hidden / threads), rows, 1];

export const expertDown = defineKernel<ExpertDownParams>()({
  name: 'expert-down',
  bindings: {
    call: 'uniform',
    h: 'read',
    weights: 'read',
    scales: 'read',
    choices: 'read',
    x: 'write',
    state: 'read',
  },
  wgsl: ({ hidden, chosen, dtype, threads, ...step }) =>
    [
      stepConstants(step),
      constants({
        THREADS: threads,
        HIDDEN: hidden,
        STRIDE: padded(hidden),
        CHOSEN: chosen,
        CHOICE_WORDS,
      }),
      `alias plane = ${planeType(dtype)};`,
      source,
      partFunction,
      rowDotFunction(dtype, 'down_dot', 'weights', 'scales'),
    ].join('\n'),
  reference({ call, h, weights, scales, choices, x, state }, { hidden, chosen, dtype }) {
    const [firstRow, rows, groups] = call.u32 as unknown as [number, number, number];
    const columns = groups * 32;
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let i = 0; i < hidden; i++) {
        let total = 0;
        for (let pair = row * chosen; pair < (row + 1) * chosen; pair++) {
          const n = choices.u32[pair * CHOICE_WORDS]! * hidden + i - firstRow;
          if (n < 0 || n >= rows) continue;
          let sum = 0;
          for (let k = 0; k < columns; k++)
            sum += readWeight(dtype, weights, scales, groups, n, k) * h.f32[pair * columns + k]!;
          total += choices.f32[pair * CHOICE_WORDS + 1]! * sum;
        }
        x.f32[row * padded(hidden) + i]! += total;
      }
    }
  },
});
