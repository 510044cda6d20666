// What an engine computes in each step of a run, and in each validation. The plan depends on the data and the recipes alone, so the same
// run can be planned again.

import type { Example } from '#lib/engine/training/examples.ts';
import { UNLABELLED } from '#lib/engine/training/segments.ts';
import type { ScoredExample, StepSettings } from '#lib/engine/training/training-host.ts';
import { TrainingDataError } from './errors.ts';
import { learningRate } from './learning-rate.ts';
import { bucketFor, LENGTH_BUCKETS, packSegments, type Bin, type LengthBucket } from './pack-segments.ts';
import type { Recipe } from './recipe.ts';
import { createTrainingSteps, type TrainingJob } from './training-steps.ts';
import type { TrainingExample } from './training-example.ts';

export interface JobData {
  train: readonly Labelled[];
  validation: readonly Labelled[];
}

export interface PlanInput {
  /** By job. Jobs with the same data share one object. */
  data: readonly JobData[];
  /** By job. */
  recipes: readonly Recipe[];
  /** Tokens of the largest pass. */
  rows: LengthBucket;
  /** In the whole run. */
  validations: number;
}

type Labelled = Pick<TrainingExample, 'ids' | 'loss'>;

export interface TrainingPlan {
  /** Of the job with the most. */
  readonly steps: number;
  /** By job. */
  readonly stepsOf: readonly number[];
  /** After these numbers of steps the run is validated: at equal distances, and where a job ends. */
  readonly milestones: ReadonlySet<number>;
  /** Of training data, in all steps of all jobs. */
  readonly tokens: number;
  readonly sizes: { rows: number; segments: number; length: number };
  /** The passes of step `step`, from 0, without jobs that ended before. */
  batchesAt(step: number, ended: ReadonlySet<number>): Example[][];
  settingsAt(step: number): StepSettings[];
  /** The validation examples of each of `jobs`, scored with its adapter. */
  scoredBy(jobs: readonly number[]): ScoredExample[][];
}

const MAX_STEPS = 100_000;

/** @throws TrainingDataError when the run is too long */
export function planTraining({ data, recipes, rows, validations }: PlanInput): TrainingPlan {
  const jobs = recipes.map(({ batch, epochs, seed, maxSteps }, job): TrainingJob => ({
    examples: data[job]!.train,
    order: { batch, epochs, seed, maxSteps },
  }));
  const run = createTrainingSteps(jobs, rows);
  const { steps, stepsOf } = run;
  if (steps > MAX_STEPS)
    throw new TrainingDataError(
      `The run has ${steps} steps.`,
      `At most ${MAX_STEPS}: raise the batch or train fewer epochs.`,
    );
  const sizes = {
    rows,
    segments: Math.max(
      1,
      Math.min(
        rows,
        recipes.reduce((sum, { batch }, job) => sum + Math.min(batch, data[job]!.train.length), 0),
      ),
    ),
    length: longestOf(data),
  };
  return {
    ...{ steps, stepsOf, sizes },
    milestones: new Set([
      ...Array.from({ length: validations }, (_, at) => Math.ceil((steps * (at + 1)) / validations)),
      ...stepsOf,
    ]),
    tokens: recipes.reduce((sum, recipe, job) => sum + tokensOf(data[job]!.train, recipe, stepsOf[job]!), 0),
    batchesAt: (step, ended) => run.stepAt(step, ended).bins.map((bin) => examplesOfBin(bin, jobs)),
    settingsAt: (step) =>
      recipes.map((recipe, job) => {
        const { betas, epsilon, weightDecay, clip } = recipe;
        const last = stepsOf[job]! - 1;
        const rate = learningRate(recipe, Math.min(step, last), stepsOf[job]!);
        return { rate, betas, epsilon, weightDecay, clip };
      }),
    scoredBy: (scored) => {
      const all = scored.flatMap((job) => data[job]!.validation.map((_, example) => ({ adapter: job, example })));
      const batches: ScoredExample[][] = [];
      for (let from = 0; from < all.length; from += sizes.segments) {
        const items = all
          .slice(from, from + sizes.segments)
          .map((item) => ({ ...item, length: data[item.adapter]!.validation[item.example]!.ids.length }));
        for (const { segments } of packSegments(items, rows)) {
          batches.push(
            segments.map(({ adapter, example }) => ({ ...labelled(data[adapter]!.validation[example]!), adapter })),
          );
        }
      }
      return batches;
    },
  };
}

/** As many rows a pass as the examples of a mean step have, within the buckets. */
export function rowsFor(data: readonly JobData[], recipes: readonly Pick<Recipe, 'batch'>[]): LengthBucket {
  const step = recipes.reduce((sum, { batch }, job) => {
    const { train } = data[job]!;
    const mean = train.reduce((tokens, { ids }) => tokens + ids.length, 0) / Math.max(1, train.length);
    return sum + Math.min(batch, train.length) * mean;
  }, 0);
  return bucketFor(Math.max(1, longestOf(data), Math.min(Math.ceil(step), LENGTH_BUCKETS.at(-1)!)));
}

/** Of all examples in the passes of a step. */
export const tokensIn = (batches: readonly (readonly Pick<Example, 'ids'>[])[]): number =>
  batches.flat().reduce((sum, { ids }) => sum + ids.length, 0);

export const examplesOfBin = ({ segments }: Pick<Bin, 'segments'>, jobs: readonly TrainingJob[]): Example[] =>
  segments.map(({ adapter, example }) => ({ ...labelled(jobs[adapter]!.examples[example]!), adapter }));

const labelled = ({ ids, loss }: Labelled): Pick<Example, 'ids' | 'labels'> => ({
  ids: [...ids],
  labels: Array.from(ids, (id, at) => (loss[at] === 1 ? id : UNLABELLED)),
});

const longestOf = (data: readonly JobData[]): number =>
  data
    .flatMap(({ train, validation }) => [train, validation])
    .flat()
    .reduce((most, { ids }) => Math.max(most, ids.length), 0);

/** The first steps of an epoch are a part of it whose tokens are not known without drawing; their mean is near enough. */
function tokensOf(examples: readonly Labelled[], { batch, epochs }: Recipe, steps: number): number {
  const epoch = examples.reduce((sum, { ids }) => sum + ids.length, 0);
  return Math.round((epoch * epochs * steps) / Math.max(1, Math.ceil(examples.length / batch) * epochs));
}
