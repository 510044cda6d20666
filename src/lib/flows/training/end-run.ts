// The result of a run: the best weights of each job, and their manifests.

import { PayableError } from '#lib/core/errors.ts';
import { RunDivergedError } from '#lib/factory/errors.ts';
import { manifestOf } from '#lib/factory/manifest-of.ts';
import type { LiveRun } from './live-run.ts';
import type { Story } from './prepare-run.ts';
import { recordOf } from './save-run.ts';

/** @throws RunDivergedError where a job never had a finite loss */
export async function* endRun(live: LiveRun): Story {
  const { input, store, origin, progress } = live;
  progress.seconds = live.elapsed();
  const diverged = live.best.findIndex((best) => best === null);
  if (diverged >= 0) throw new RunDivergedError(input.settings.jobs[diverged]!.name);
  const adapters = live.best.map((best) => best!);
  const manifests = await Promise.all(adapters.map((adapter, job) => manifestOf({ origin, progress, job, adapter })));
  const result = { adapters, steps: progress.best.map((best) => best!.step), manifests };
  try {
    await store.finish(recordOf(live, 'done', progress), result);
  } catch (error) {
    if (!(error instanceof PayableError)) throw error;
    yield { type: 'unsaved', step: progress.step, why: error.toLine() };
  }
  yield { type: 'done', result };
}
