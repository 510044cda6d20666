// Writes the state in memory as a checkpoint. A store that is full must not end the run: the checkpoint before stays.

import { PayableError } from '#lib/core/errors.ts';
import type { RunProgress } from '#lib/factory/run-progress.ts';
import { curveOf, type RunRecord } from '#lib/factory/run-record.ts';
import type { LiveRun } from './live-run.ts';
import type { Story } from './prepare-run.ts';

/** @throws the error of the store where the run is paused: it could not go on later */
export async function* saveRun(live: LiveRun, state: 'running' | 'paused'): Story {
  const { context, store, last } = live;
  const { step } = last.progress;
  live.savedAt = context.now();
  try {
    const bytes = await store.save(recordOf(live, state, last.progress), last);
    live.savedStep = step;
    yield { type: 'saved', step, bytes };
  } catch (error) {
    if (!(error instanceof PayableError)) throw error;
    yield { type: 'unsaved', step, why: error.toLine() };
    if (state === 'paused') throw error;
  }
}

/** For the list of runs. */
export function recordOf(
  { context, input, read, plan, shape, startedAt }: LiveRun,
  state: RunRecord['state'],
  { step, seconds, tokens, validations, figures }: RunProgress,
): Omit<RunRecord, 'slot'> {
  const { id, name } = context.model;
  return {
    ...{ run: input.run, startedAt, savedAt: context.today().toISOString(), state, step, steps: plan.steps },
    ...{ model: { id, name }, sources: read.map((source) => source.name), data: shape.data },
    jobs: input.settings.jobs.map((job, at) => ({ name: job.name, recipe: shape.recipes[at]! })),
    ...{ seconds, tokens, validations, curve: curveOf({ figures }) },
  };
}
