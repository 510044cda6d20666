// Opens the training of a run on the engine. Before the first step, missing memory makes the run smaller; a run that goes on keeps its
// shape, since the shape decides the bits.

import { PayableError } from '#lib/core/errors.ts';
import { nextLink, sha256Hex } from '#lib/factory/checkpoint-chain.ts';
import { hashJobs } from '#lib/factory/hash-data.ts';
import type { TrainingData } from '#lib/factory/prepare-data.ts';
import { requireSameOrigin } from '#lib/factory/run-origin.ts';
import { beginRun } from '#lib/factory/run-progress.ts';
import { shrinkRun, type RunShape } from '#lib/factory/run-shape.ts';
import type { Checkpoint } from '#lib/factory/run-store.ts';
import { planTraining, rowsFor, type TrainingPlan } from '#lib/factory/training-plan.ts';
import { startOf } from '#lib/factory/training-start.ts';
import type { TrainingInfo } from '#lib/engine/training/training-host.ts';
import { measureSteps } from './measure-steps.ts';
import { readExamples, type PreparedRun, type Story } from './prepare-run.ts';

export interface OpenedRun {
  plan: TrainingPlan;
  shape: RunShape;
  /** By job. */
  data: TrainingData[];
  /** What the run goes on from. */
  last: Checkpoint;
}

export async function* openRun(run: PreparedRun): Story<OpenedRun> {
  const { input, context, kept } = run;
  const { jobs, validations, data: recipe } = input.settings;
  const recipes = jobs.map((job) => job.recipe);
  let { data } = run;
  let shape: RunShape = kept?.progress.shape ?? { rows: rowsFor(data, recipes), data: recipe, recipes };
  for (;;) {
    const plan = planTraining({ data, recipes: shape.recipes, rows: shape.rows, validations });
    const opened = { plan, shape, data };
    try {
      const info = await openTraining(run, opened);
      return { ...opened, last: kept ? yield* goOn(run, opened, kept) : yield* begin(run, opened, info) };
    } catch (error) {
      if (kept || !(error instanceof PayableError && error.code === 'webgpu/out-of-memory')) throw error;
      const limits = { longest: plan.sizes.length, layers: context.model.layers };
      const smaller = shrinkRun(shape, { ...limits, fixed: jobs.map(({ from }) => from !== null) });
      if (!smaller) throw error;
      yield { type: 'reduced', what: smaller.what };
      if (smaller.shape.data !== shape.data) data = yield* readExamples(run, smaller.shape.data);
      ({ shape } = smaller);
    }
  }
}

/** Also after a lost GPU. */
export function openTraining(
  { context, input, options }: PreparedRun,
  { plan, shape }: Pick<OpenedRun, 'plan' | 'shape'>,
): Promise<TrainingInfo> {
  const adapters = input.settings.jobs.map((job, at) => startOf(job, shape.recipes[at]!));
  return context.engine.openTraining({ adapters, ...plan.sizes }, options.signal);
}

type Opening = Omit<OpenedRun, 'last'>;

async function* goOn({ context, input, origin }: PreparedRun, { data }: Opening, kept: Checkpoint): Story<Checkpoint> {
  const { step, examples } = kept.progress;
  const now = { ...origin, examples: hashJobs(data, context.digester) };
  requireSameOrigin(input.run, { ...origin, examples }, now);
  await context.engine.restoreTraining(kept.state);
  yield { type: 'resumed', step };
  return kept;
}

async function* begin(run: PreparedRun, { plan, shape, data }: Opening, info: TrainingInfo): Story<Checkpoint> {
  const { context, input, store, origin } = run;
  const { engine, digester } = context;
  const state = await engine.saveTraining();
  yield { type: 'estimate', estimate: await measureSteps(context, plan, info) };
  await engine.restoreTraining(state);
  const progress = beginRun(shape, hashJobs(data, digester));
  progress.chain.push(nextLink(undefined, { step: 0, state: sha256Hex(state, digester) }, digester));
  if (input.keepStates) await store.keepState(input.run, 0, state);
  return { origin, progress, state, best: shape.recipes.map(() => null) };
}
