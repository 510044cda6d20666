// What a run starts from: its data as examples, where all of it comes from, and the checkpoint of an earlier session.

import { hashedSource, type HashedSource } from '#lib/factory/hash-data.ts';
import { dataByJob, prepareJobs } from '#lib/factory/prepare-jobs.ts';
import type { TrainingData } from '#lib/factory/prepare-data.ts';
import type { DataRecipe } from '#lib/factory/recipe.ts';
import { requireSameOrigin, type RunOrigin } from '#lib/factory/run-origin.ts';
import type { Checkpoint, RunStore } from '#lib/factory/run-store.ts';
import type { TrainContext, TrainInput, TrainOptions } from '../train-context.ts';
import type { TrainEvent } from '../train-event.ts';
import type { BorrowedAdapters } from './borrow-adapters.ts';

/** Tells events, then gives a value. */
export type Story<T = void> = AsyncGenerator<TrainEvent, T, void>;

export interface RunGiven {
  context: TrainContext;
  input: TrainInput;
  options: TrainOptions;
  store: RunStore;
  borrowed: BorrowedAdapters;
}

export interface PreparedRun extends RunGiven {
  read: readonly HashedSource[];
  /** By job. */
  data: TrainingData[];
  origin: RunOrigin;
  /** What the run goes on from; null begins anew. */
  kept: Checkpoint | null;
  /** ISO 8601. */
  startedAt: string;
}

/** @throws RunMismatchError where the checkpoint is of another run */
export async function* prepareRun(given: RunGiven): Story<PreparedRun> {
  const { context, input, store } = given;
  const { run, settings } = input;
  const kept = await store.load(run);
  const startedAt = (await store.read(run))?.startedAt ?? context.today().toISOString();
  const read = input.sources.map((source) => hashedSource(source, context.digester));
  const data = yield* readExamples({ ...given, read }, kept?.progress.shape.data ?? settings.data);
  const origin = await originOf(given, read);
  if (kept) requireSameOrigin(run, kept.origin, origin);
  return { ...given, read, data, origin, kept, startedAt };
}

/** By job. */
export async function* readExamples(
  { context, input, options, read }: RunGiven & Pick<PreparedRun, 'read'>,
  recipe: DataRecipe,
): Story<TrainingData[]> {
  const { labeller, turn, digester } = context;
  const preparing = prepareJobs(read, input.settings.jobs, recipe, {
    ...{ labeller, digester, turn, signal: options.signal },
  });
  for (;;) {
    const { done, value } = await preparing.next();
    if (!done) {
      yield { type: 'preparing', ...value };
      continue;
    }
    for (const { jobs, data } of value) {
      const { counts, leaks, looksNear, terms } = data;
      yield { type: 'prepared', jobs, data: { counts, leaks, looksNear, terms } };
    }
    return dataByJob(value);
  }
}

/** To be called once the sources were read. */
async function originOf({ context, input, borrowed }: RunGiven, read: readonly HashedSource[]): Promise<RunOrigin> {
  const { model, template } = context;
  const { jobs, data, validations, patience } = input.settings;
  const origin: RunOrigin = {
    base: { id: model.id, name: model.name, dtype: model.dtype },
    template,
    sources: read.map((source) => ({
      ...{ name: source.name, id: source.id ?? null, ...source.read() },
      licence: source.licence === 'own' ? 'own' : source.licence.spdx,
    })),
    ...{ data, jobs: [], validations, patience },
  };
  for (const { name, recipe, from, sources } of jobs) {
    const start = from && (await borrowed.load(from));
    origin.jobs.push({ name, recipe, from: start, ...(sources && { sources: [...sources] }) });
  }
  return origin;
}
