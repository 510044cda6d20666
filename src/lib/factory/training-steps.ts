// The steps of a run: which bins each of them computes, for one adapter or several over one base pass. A bin is one micro batch;
// gradients of a step's bins are added up. Whether adapters are trained alone or together changes their bins, never their steps.

import { packSegments, type Bin, type LengthBucket, type PackItem } from './pack-segments.ts';
import { createStepOrder, type OrderPlan } from './step-order.ts';
import type { TrainingExample } from './training-example.ts';

export interface TrainingJob {
  examples: readonly Pick<TrainingExample, 'ids' | 'loss'>[];
  order: Omit<OrderPlan, 'count'>;
}

export interface TrainingStep {
  /** From 0. */
  step: number;
  bins: Bin[];
  /** Learned tokens in the step, for each adapter: the loss is their mean. 0 once an adapter has done all its steps. */
  lossTokens: number[];
}

export interface TrainingSteps {
  /** Of the job with the most. */
  readonly steps: number;
  /** By job. */
  readonly stepsOf: readonly number[];
  /** Without the examples of jobs in `ended`. */
  stepAt(step: number, ended?: ReadonlySet<number>): TrainingStep;
}

/** Adapter `a` of the segments is `jobs[a]`. `capacity` is the largest bin. */
export function createTrainingSteps(jobs: readonly TrainingJob[], capacity: LengthBucket): TrainingSteps {
  const orders = jobs.map(({ examples, order }) => createStepOrder({ ...order, count: examples.length }));
  const lossOf = jobs.map(({ examples }) => examples.map(({ loss }) => loss.reduce((sum, one) => sum + one, 0)));
  return {
    steps: orders.reduce((most, { steps }) => Math.max(most, steps), 0),
    stepsOf: orders.map(({ steps }) => steps),
    stepAt: (step, ended) => {
      const chosen = orders.map((order, job) => (step < order.steps && !ended?.has(job) ? order.examplesOf(step) : []));
      const items = chosen.flatMap((examples, adapter) =>
        examples.map((example): PackItem => ({
          adapter,
          example,
          length: jobs[adapter]!.examples[example]!.ids.length,
        })),
      );
      return {
        step,
        bins: packSegments(items, capacity),
        lossTokens: chosen.map((examples, adapter) =>
          examples.reduce((sum, example) => sum + lossOf[adapter]![example]!, 0),
        ),
      };
    },
  };
}
