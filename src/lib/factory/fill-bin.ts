// A bin as the arrays that a pass over the base reads. Padding rows belong to no segment: they are masked and carry no loss.

import type { Bin } from './pack-segments.ts';
import type { TrainingJob } from './training-steps.ts';

/** No token is to be predicted here. */
export const NO_TARGET = -1;
/** The row belongs to no segment. */
export const PADDING = -1;

export interface BinArrays {
  /** Token of each row; 0 in padding. */
  tokens: Int32Array;
  /** From 0 in each segment. */
  positions: Int32Array;
  /** The token that row `i` is to predict, which is that of row `i + 1`; or NO_TARGET. */
  targets: Int32Array;
  /** Place of each row's segment in the bin; or PADDING. */
  segments: Int32Array;
  /** Place of each row's adapter; or PADDING. */
  adapters: Int32Array;
}

export function fillBin({ size, segments }: Bin, jobs: readonly TrainingJob[]): BinArrays {
  const tokens = new Int32Array(size);
  const positions = new Int32Array(size);
  const targets = new Int32Array(size).fill(NO_TARGET);
  const segmentOf = new Int32Array(size).fill(PADDING);
  const adapters = new Int32Array(size).fill(PADDING);
  for (const [place, { adapter, example, start, length }] of segments.entries()) {
    const { ids, loss } = jobs[adapter]!.examples[example]!;
    tokens.set(ids, start);
    segmentOf.fill(place, start, start + length);
    adapters.fill(adapter, start, start + length);
    for (let at = 0; at < length; at++) {
      positions[start + at] = at;
      if (at > 0 && loss[at] === 1) targets[start + at - 1] = ids[at]!;
    }
  }
  return { tokens, positions, targets, segments: segmentOf, adapters };
}
