// The loop of a run: step, validate, save, and pause or end where the user asks for it.

import { PayableError } from '#lib/core/errors.ts';
import { endedJobs, recordStep } from '#lib/factory/run-progress.ts';
import { tokensIn } from '#lib/factory/training-plan.ts';
import { deviceWords } from '#lib/factory/training-start.ts';
import { endRun } from './end-run.ts';
import type { LiveRun } from './live-run.ts';
import type { Story } from './prepare-run.ts';
import { recoverRun } from './recover-run.ts';
import { saveRun } from './save-run.ts';
import { validateRun } from './validate-run.ts';

const SAVE_MS = 60_000;

export async function* runSteps(live: LiveRun): Story {
  const { context, options, plan } = live;
  const { signal, finish } = options;
  /** A run has at least one step. */
  const goesOn = () =>
    live.progress.ended.some((ended) => ended === null) && (live.progress.step === 0 || !finish?.aborted);
  const isValidated = () => live.progress.chain.at(-1)!.step === live.progress.step;
  let wasHidden = false;
  const isDue = () => {
    const isHidden = context.isHidden?.() ?? false;
    const due = context.now() - live.savedAt >= SAVE_MS || (isHidden && !wasHidden);
    wasHidden = isHidden;
    return due;
  };
  try {
    while (goesOn()) {
      try {
        if (signal.aborted) {
          await live.hold();
          yield* saveRun(live, 'paused');
          yield { type: 'paused', step: live.progress.step };
          return;
        }
        yield* takeStep(live);
        if (plan.milestones.has(live.progress.step)) yield* validateRun(live);
        if (isDue()) {
          if (live.last.progress.step !== live.progress.step) await live.hold();
          yield* saveRun(live, 'running');
        }
      } catch (error) {
        // A sample that was stopped: the run pauses next.
        if (signal.aborted && error instanceof PayableError && error.code === 'core/aborted') continue;
        yield* recoverRun(live, error);
      }
    }
    // The user ended the run between two validations.
    while (!isValidated()) {
      try {
        yield* validateRun(live);
      } catch (error) {
        yield* recoverRun(live, error);
      }
    }
  } catch (error) {
    if (live.last.progress.step > live.savedStep) yield* saveRun(live, 'running');
    throw error;
  }
  yield* endRun(live);
}

async function* takeStep({ context, plan, progress, elapsed, secondsPerToken }: LiveRun): Story {
  const { engine, model } = context;
  const batches = plan.batchesAt(progress.step, endedJobs(progress));
  const rates = plan.settingsAt(progress.step);
  const outcomes = await engine.trainStep(batches, rates);
  const figures = recordStep(progress, outcomes, rates, tokensIn(batches));
  const device = deviceWords(model.device);
  if (!progress.devices.includes(device)) progress.devices.push(device);
  yield {
    ...{ type: 'step', step: progress.step, steps: plan.steps, tokens: progress.tokens, seconds: elapsed() },
    jobs: figures.map((figure) => ({ ...figure, loss: figure.loss ?? NaN, norm: figure.norm ?? NaN })),
    secondsLeft: Math.max(0, (plan.tokens - progress.tokens) * secondsPerToken()),
  };
}
