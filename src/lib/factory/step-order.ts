// Which examples an optimizer step reads. Every epoch has its own order, drawn from the seed; so any step can be found again, and an
// adapter reads the same steps whether it is trained alone or beside others.

import { createRng } from '#lib/core/rng.ts';

export interface OrderPlan {
  /** Number of examples. */
  count: number;
  /** Examples a step. The last step of an epoch has the rest. */
  batch: number;
  epochs: number;
  seed: number;
  /** Ends the order after so many steps. */
  maxSteps?: number | null;
}

export interface StepOrder {
  readonly steps: number;
  /** The examples of step `step`, from 0. */
  examplesOf(step: number): readonly number[];
}

export function createStepOrder({ count, batch, epochs, seed, maxSteps }: OrderPlan): StepOrder {
  if (![batch, epochs].every((one) => Number.isInteger(one) && one > 0))
    throw new RangeError(`a batch of ${batch} examples, ${epochs} epochs`);
  const perEpoch = Math.ceil(count / batch);
  const steps = Math.min(perEpoch * epochs, maxSteps ?? Infinity);
  let kept: { epoch: number; order: Uint32Array } | null = null;
  return {
    steps,
    examplesOf: (step) => {
      if (!Number.isInteger(step) || step < 0 || step >= steps) throw new RangeError(`step ${step} of ${steps}`);
      const epoch = Math.floor(step / perEpoch);
      if (kept?.epoch !== epoch) kept = { epoch, order: shuffled(count, seedOf(seed, epoch)) };
      const from = (step % perEpoch) * batch;
      return [...kept.order.subarray(from, from + batch)];
    },
  };
}

/** Epochs draw from unrelated seeds: neighbouring numbers would do, but a run with the next seed would repeat epochs. */
const seedOf = (seed: number, epoch: number): number =>
  Math.imul(seed ^ Math.imul(epoch + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;

/** Fisher and Yates. */
function shuffled(count: number, seed: number): Uint32Array {
  const rng = createRng(seed);
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  for (let at = count - 1; at > 0; at--) {
    const other = rng.below(at + 1);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
