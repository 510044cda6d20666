// To which rows one given adapter is applied, for kernels that run once for it: a WGSL snippet and its plain twin.

import type { Memory } from '../../kernel.ts';
import { SLOT, type StepParams } from '../../step-state.ts';
import { slotOf } from './adapter.ts';
import source from './applied-weight.wgsl?raw';

export const appliedWeightFunction = source;

/** `descriptor` is a word offset in the adapters region. */
export function appliedWeight(state: Memory, params: StepParams, row: number, descriptor: number): number {
  const slot = slotOf(state, params, row);
  for (let e = 0; e < state.u32[slot + SLOT.blendCount]!; e++) {
    const at = slot + SLOT.blend + 2 * e;
    if (state.u32[at] === descriptor) return state.f32[at + 1]!;
  }
  return 0;
}
