// Examples of several adapters as the segments of a pass, weighted so that the loss of each adapter is the mean over its targets.

import { TrainingDataError } from './errors.ts';
import type { ExampleScore, ScoredExample } from './training-host.ts';
import { targetsOf, UNLABELLED, type Segment, type SegmentAdapter } from './segments.ts';

export interface Example {
  ids: readonly number[];
  /** As long as `ids`; -100 where a token has no loss. */
  labels: readonly number[];
  /** Index of the adapter that learns from it. */
  adapter: number;
}

/** @throws TrainingDataError */
export function checkExamples(examples: readonly ScoredExample[], vocab: number, adapters: number): void {
  const isToken = (id: number) => Number.isInteger(id) && id >= 0 && id < vocab;
  examples.forEach(({ ids, labels, adapter }, i) => {
    const wrong =
      ids.length === 0 || ids.length !== labels.length
        ? `has ${ids.length} tokens and ${labels.length} labels`
        : !ids.every(isToken) || !labels.every((label) => label === UNLABELLED || isToken(label))
          ? `has a token or a label outside the vocabulary of ${vocab}`
          : adapter !== null && !(adapter in Array.from({ length: adapters }))
            ? `is of adapter ${adapter}, but there are ${adapters}`
            : null;
    if (wrong)
      throw new TrainingDataError(`Example ${i} ${wrong}.`, 'Tokenise it with the tokenizer of the base model.');
  });
}

const targetsByAdapter = (examples: readonly Example[], adapters: readonly unknown[]): number[] =>
  adapters.map((_, i) => examples.reduce((sum, example) => sum + (example.adapter === i ? targetsOf(example) : 0), 0));

/** Those of one pass; `all` are those of the step that it is part of. */
export function segmentsOf(
  examples: readonly Example[],
  all: readonly Example[],
  adapters: readonly { segment: SegmentAdapter }[],
): Segment[] {
  const counts = targetsByAdapter(all, adapters);
  return examples.map(({ ids, labels, adapter }) => {
    return { ids, labels, weight: 1 / counts[adapter]!, adapter: adapters[adapter]!.segment };
  });
}

/** Those of one pass that only scores. */
export const scoredSegmentsOf = (
  examples: readonly ScoredExample[],
  adapters: readonly { segment: SegmentAdapter }[],
): Segment[] =>
  examples.map(({ ids, labels, adapter }) => {
    return { ids, labels, weight: 0, adapter: adapter === null ? null : adapters[adapter]!.segment };
  });

/** From the losses and hits of all targets in the order of the examples. */
export function scoresOf(
  examples: readonly ScoredExample[],
  losses: ArrayLike<number>,
  hits: ArrayLike<number>,
): ExampleScore[] {
  let next = 0;
  return examples.map((example) => {
    const targets = targetsOf(example);
    const score = { loss: 0, targets, hits: 0 };
    for (let i = 0; i < targets; i++, next++) {
      score.loss += losses[next]!;
      score.hits += hits[next]!;
    }
    return score;
  });
}

/** By adapter, from the losses of all targets in the order of the examples. NaN for an adapter without targets. */
export function lossesOf(all: readonly Example[], losses: ArrayLike<number>, adapters: readonly unknown[]): number[] {
  const counts = targetsByAdapter(all, adapters);
  const sums = counts.map(() => 0);
  let next = 0;
  for (const example of all) for (let i = targetsOf(example); i > 0; i--) sums[example.adapter]! += losses[next++]!;
  return sums.map((sum, i) => sum / counts[i]!);
}
