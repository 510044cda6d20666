// A stage: one dispatch of the decoder, bound to its buffers once, sized for each step. Types only.

import type { Dispatch } from '#lib/webgpu/device.ts';
import type { StackName } from '../projections.ts';

/** How many rows of what a step computes. */
export interface StepCounts {
  rows: number;
  outputs: number;
  /** Greatest total rank of any row's blend; 0 when no row has an adapter. */
  rankWidth: number;
}

/** A matrix or a norm of the decoder after which an adapter may run dispatches of its own. */
export type PatchPoint = `${StackName | 'attentionNorm' | 'ffnNorm'} ${number}` | 'finalNorm';

export interface Stage {
  dispatch(counts: StepCounts): Dispatch;
  /** Set where this stage completes the matrix or the norm of that name. */
  point?: PatchPoint;
}
