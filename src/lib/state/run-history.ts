// What is known of a training run so far, folded from the events of `flows/train-adapter`. Plain data: it is kept in the record of the
// run, so that a reload loses nothing and a second tab shows the same.

import type { PreparedData, TrainEstimate, TrainEvent, ValidationFigures } from '#lib/flows/train-event.ts';
import { addPoint, cutCurve, EMPTY_CURVE, type RunCurve } from './run-curve.ts';

export interface RunSample {
  step: number;
  job: number;
  prompt: number;
  text: string;
}

export interface RunHistory {
  /** What it does, or did last. */
  stage: 'starting' | 'reading' | 'labelling' | 'measuring' | 'training' | 'done';
  /** Rows read or labelled so far. */
  rows: number;
  data: PreparedData | null;
  estimate: TrainEstimate | null;
  /** What the run gave up so that it fits into memory, one sentence each. */
  reductions: string[];
  step: number;
  steps: number;
  /** Trained so far, and the time that took. */
  tokens: number;
  seconds: number;
  /** Of the newest step. */
  tokensPerSecond: number;
  secondsLeft: number | null;
  curve: RunCurve;
  validations: { step: number; jobs: ValidationFigures[] }[];
  /** In the order in which they came. */
  samples: RunSample[];
  /** Step of the newest checkpoint; null while there is none. */
  savedStep: number | null;
  /** Why the newest checkpoint could not be written; null where it could. */
  unsaved: string | null;
  /** Steps at which it went on from a checkpoint. */
  resumedAt: number[];
  /** Of the result: the step of its weights, and its manifest, by job. */
  result: { steps: number[]; manifests: string[] } | null;
}

export const NEW_HISTORY: RunHistory = {
  ...{ stage: 'starting', rows: 0, data: null, estimate: null, reductions: [], step: 0, steps: 0 },
  ...{ tokens: 0, seconds: 0, tokensPerSecond: 0, secondsLeft: null, curve: EMPTY_CURVE, validations: [], samples: [] },
  ...{ savedStep: null, unsaved: null, resumedAt: [], result: null },
};

/** A run validates a bounded number of times, but a resumed one may do so again. */
const MOST_SAMPLES = 400;

export function foldTrainEvent(history: RunHistory, event: TrainEvent): RunHistory {
  switch (event.type) {
    case 'preparing':
      return { ...history, stage: event.stage, rows: event.rows };
    case 'prepared':
      return { ...history, stage: 'measuring', data: event.data };
    case 'reduced':
      return { ...history, reductions: [...history.reductions, event.what] };
    case 'estimate':
      return { ...history, estimate: event.estimate, steps: event.estimate.steps };
    case 'step': {
      const { step, steps, jobs, tokens, seconds, secondsLeft } = event;
      const [more, took] = [tokens - history.tokens, seconds - history.seconds];
      // After a resume the first step counts from the checkpoint.
      const tokensPerSecond = took > 0 && more > 0 ? more / took : history.tokensPerSecond;
      const figures = jobs.map(({ loss, norm, rate }) => ({ loss, norm, rate }));
      const curve = addPoint(history.curve, { step, jobs: figures, tokensPerSecond });
      return { ...history, stage: 'training', step, steps, tokens, seconds, tokensPerSecond, secondsLeft, curve };
    }
    case 'validation':
      return { ...history, validations: [...history.validations, { step: event.step, jobs: event.jobs }] };
    case 'sample': {
      const { step, job, prompt, text } = event;
      return { ...history, samples: [...history.samples, { step, job, prompt, text }].slice(-MOST_SAMPLES) };
    }
    case 'saved':
      return { ...history, savedStep: event.step, unsaved: null };
    case 'unsaved':
      return { ...history, unsaved: event.why };
    case 'resumed':
      return resumedAt(history, event.step);
    case 'paused':
      return { ...history, step: event.step, secondsLeft: null };
    case 'done': {
      const { steps, manifests } = event.result;
      return { ...history, stage: 'done', secondsLeft: null, result: { steps, manifests } };
    }
  }
}

/** What came after the checkpoint is computed again. */
const resumedAt = (history: RunHistory, step: number): RunHistory => ({
  ...history,
  step,
  stage: 'training',
  curve: cutCurve(history.curve, step),
  validations: history.validations.filter((one) => one.step <= step),
  samples: history.samples.filter((one) => one.step <= step),
  savedStep: step,
  resumedAt: [...history.resumedAt, step],
});
