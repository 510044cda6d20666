// How far a run is, as plain data that a checkpoint keeps: figures of all steps, what validation said, and which jobs have ended.

import type { StepOutcome, StepSettings } from '#lib/engine/training/training-host.ts';
import type { ChainLink } from './checkpoint-chain.ts';
import type { RunShape } from './run-shape.ts';

export interface JobFigures {
  loss: number | null;
  norm: number | null;
  rate: number;
  skipped: boolean;
}

export interface Validated {
  /** Null where it is not finite. */
  loss: number | null;
  accuracy: number;
  best: boolean;
}

/** sha256 (hex). */
export interface ExampleHashes {
  train: string;
  validation: string;
}

export interface RunProgress {
  shape: RunShape;
  /** By job. */
  examples: ExampleHashes[];
  /** Steps that are done. */
  step: number;
  /** Of all sessions of the run. */
  seconds: number;
  tokens: number;
  /** Those that computed a step, in words. */
  devices: string[];
  /** By step, by job; null where the job had ended. */
  figures: (JobFigures | null)[][];
  validations: { step: number; jobs: Validated[] }[];
  /** By job: the step after which it ended. */
  ended: (number | null)[];
  /** By job: of the best weights so far. `loss` is null without validation. */
  best: ({ step: number; loss: number | null } | null)[];
  /** By job: validations since the best. */
  stale: number[];
  chain: ChainLink[];
}

export function beginRun(shape: RunShape, examples: RunProgress['examples']): RunProgress {
  const byJob = <T>(value: T) => shape.recipes.map(() => value);
  return {
    ...{ shape, examples, step: 0, seconds: 0, tokens: 0, devices: [], figures: [], validations: [], chain: [] },
    ...{ ended: byJob(null), best: byJob(null), stale: byJob(0) },
  };
}

export const endedJobs = ({ ended, step }: RunProgress): Set<number> =>
  new Set(ended.flatMap((at, job) => (at !== null && at <= step ? [job] : [])));

/** JSON has no other numbers. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Records a step. */
export function recordStep(
  progress: RunProgress,
  outcomes: readonly StepOutcome[],
  settings: readonly StepSettings[],
  tokens: number,
): JobFigures[] {
  const ended = endedJobs(progress);
  const figures = outcomes.map(({ loss, norm, action }, job) => ({
    ...{ loss: finite(loss), norm: finite(norm), rate: settings[job]!.rate, skipped: action === 'skipped' },
  }));
  progress.figures.push(figures.map((figure, job) => (ended.has(job) ? null : figure)));
  progress.step++;
  progress.tokens += tokens;
  return figures;
}

/** By job: validation loss and accuracy, of jobs that go on; null for the others, and for jobs without validation examples. */
export type Scores = readonly ({ loss: number; accuracy: number } | null)[];

/** Records a validation, and ends jobs that have had `patience` of them without a better loss. */
export function recordValidation(progress: RunProgress, scores: Scores, patience: number | null): Validated[] {
  const before = progress.validations.at(-1)?.jobs;
  const jobs = scores.map((score, job): Validated => {
    if (!score) return { ...(before?.[job] ?? { loss: null, accuracy: 0 }), best: false };
    const best = progress.best[job];
    const isBest = Number.isFinite(score.loss) && (!best || best.loss === null || score.loss < best.loss);
    if (isBest) progress.best[job] = { step: progress.step, loss: score.loss };
    progress.stale[job] = isBest ? 0 : progress.stale[job]! + 1;
    if (patience !== null && progress.stale[job] >= patience) progress.ended[job] = progress.step;
    return { ...score, loss: finite(score.loss), best: isBest };
  });
  progress.validations.push({ step: progress.step, jobs });
  return jobs;
}

/** Ends jobs that have done all their steps. */
export function endFinishedJobs(progress: RunProgress, stepsOf: readonly number[]): void {
  for (const [job, steps] of stepsOf.entries()) if (progress.step >= steps) progress.ended[job] ??= progress.step;
}
