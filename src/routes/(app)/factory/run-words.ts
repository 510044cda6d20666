// A training run in words: its state, what it is made of, how far it is.

import { counted, listed } from '#lib/core/count-words.ts';
import type { FactoryRun, FactoryRunStatus } from '#lib/state/factory-run.ts';
import { formatDuration } from '#lib/ui/format-figures.ts';

const STATES: Record<FactoryRunStatus, string> = {
  here: 'trains in this tab',
  elsewhere: 'trains in another tab',
  interrupted: 'interrupted: the page was closed',
  paused: 'paused',
  failed: 'failed',
  done: 'done',
};

const SENTENCES: Record<FactoryRunStatus, string> = {
  here: 'This run trains in this tab.',
  elsewhere: 'This run trains in another tab.',
  interrupted: 'This run was interrupted: the page was closed.',
  paused: 'This run is paused.',
  failed: 'This run failed.',
  done: 'This run is done.',
};

export const stateSentence = (status: FactoryRunStatus): string => SENTENCES[status];

export const stateWords = (status: FactoryRunStatus): string => STATES[status];

export const madeOf = ({ base, sources, settings }: FactoryRun): string =>
  `${base.name} · ${listed(sources.map(({ name }) => name))}${settings.jobs.length > 1 ? ` · ${counted(settings.jobs.length, 'variant')}` : ''}`;

export function progressWords({ history }: FactoryRun): string {
  const { stage, step, steps, rows, secondsLeft } = history;
  if (stage === 'reading') return `${counted(rows, 'row')} read`;
  if (stage === 'labelling') return `${counted(rows, 'row')} made into tokens`;
  if (steps === 0) return 'not started yet';
  const left =
    secondsLeft === null || step === steps || stage === 'done'
      ? ''
      : `, about ${formatDuration(secondsLeft * 1000)} left`;
  return `step ${step.toLocaleString('en')} of ${steps.toLocaleString('en')}${left}`;
}

/** The lowest validation loss of all jobs; null while there is none. */
export function bestLoss({ history }: FactoryRun): number | null {
  const losses = history.validations.flatMap(({ jobs }) => jobs.map(({ loss }) => loss)).filter(Number.isFinite);
  return losses.length === 0 ? null : Math.min(...losses);
}
