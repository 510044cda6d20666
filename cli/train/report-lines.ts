// What a training tells, as lines of a terminal.

import type { PreparedData, TrainEstimate, TrainEvent } from '#lib/flows/train-event.ts';
import { formatBytes, formatCount, formatDuration, formatRate } from '#lib/ui/format-figures.ts';

const MAX_DROPPED = 10;

/** Rows, examples, and why rows were left out. */
export function dataLines(
  { counts: { train, validation }, leaks, terms }: PreparedData,
  jobs: readonly string[],
): string[] {
  const dropped = [...train.dropped, ...validation.dropped].slice(0, MAX_DROPPED);
  return [
    `data${jobs.length === 1 ? ` of ${jobs[0]!}` : ''}: ${train.rows + validation.rows} rows become ${train.examples} examples and ${validation.examples} for validation`,
    `  ${formatCount(train.tokens)} tokens, ${formatCount(train.lossTokens)} of them learned`,
    ...(train.cut.examples > 0 ? [`  ${train.cut.examples} examples are cut, ${train.cut.tokens} tokens in all`] : []),
    ...dropped.map(({ reason, count, rows }) => `  left out: ${count}, ${reason} (first: row ${rows[0]!.id})`),
    ...(leaks.length > 0 ? [`  ${leaks.length} validation rows repeat rows of training and are left out`] : []),
    ...(terms.unpublishable === null ? [] : [`  ${terms.unpublishable}`]),
  ];
}

export function estimateLine({ steps, tokens, tokensPerSecond, seconds, gpuBytes }: TrainEstimate): string {
  const bytes = gpuBytes.adapters + gpuBytes.optimizer + gpuBytes.activations;
  return `estimate: ${steps} steps, ${formatCount(tokens)} tokens at ${formatRate(tokensPerSecond)} a second: ${formatDuration(seconds * 1000)}; ${formatBytes(bytes)} of memory beside the model`;
}

export function stepLine(event: Extract<TrainEvent, { type: 'step' }>, tokensPerSecond: number): string {
  const losses = event.jobs.map(({ loss }) => (Number.isFinite(loss) ? loss.toFixed(3) : '-')).join(' ');
  const left = `${formatDuration(event.secondsLeft * 1000)} left`;
  return `step ${event.step} of ${event.steps}: loss ${losses}, ${formatRate(tokensPerSecond)} tokens/s, ${left}`;
}

export const validationLine = ({ step, jobs }: Extract<TrainEvent, { type: 'validation' }>): string =>
  `validation after step ${step}: ${jobs
    .map(
      ({ loss, accuracy, best }) =>
        `loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(1)} %${best ? ', best' : ''}`,
    )
    .join('; ')}`;
