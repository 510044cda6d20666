// The leading elements of every head, packed together: values that are narrower than the keys beside which they lie in the cache.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { padded } from '../../matrix.ts';
import { HEADER, stepConstants, type StepParams } from '../../step-state.ts';
import source from './take-heads.wgsl?raw';

/** Both widths are multiples of 4. */
export type TakeHeadsParams = StepParams & { heads: number; headDim: number; width: number };

const THREADS = 32;

export const takeHeadsGroups = (heads: number, width: number, rows: number): Groups => [
  Math.ceil((heads * width) / 4 / THREADS),
  rows,
  1,
];

export const takeHeads = defineKernel<TakeHeadsParams>()({
  name: 'take-heads',
  bindings: { x: 'read', y: 'write', state: 'read' },
  wgsl: ({ heads, headDim, width, ...step }) =>
    [
      stepConstants(step),
      constants({
        THREADS,
        HEADS: heads,
        HEAD_DIM: headDim / 4,
        WIDTH: width / 4,
        X_STRIDE: padded(heads * headDim) / 4,
        Y_STRIDE: padded(heads * width) / 4,
      }),
      source,
    ].join('\n'),
  reference({ x, y, state }, { heads, headDim, width }) {
    for (let row = 0; row < state.u32[HEADER.rows]!; row++) {
      for (let head = 0; head < heads; head++) {
        const from = row * padded(heads * headDim) + head * headDim;
        y.f32.set(x.f32.subarray(from, from + width), row * padded(heads * width) + head * width);
      }
    }
  },
});
