// The threshold of a version, from the scores of questions that were held back: each question's own spread gives two deviations, and
// the number that three quarters of them do not exceed holds for all calls. The contract cannot know the spread of a call.

import { OutOfRangeError } from '#lib/core/errors.ts';

/** Scores are below 2^39; a threshold has 40 bits. */
const MOST_SCORE = 2 ** 39;

const ascending = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort();
/** Of an even number of values the lower of the two in the middle. */
const median = (values: Float64Array): number => values[(values.length - 1) >> 1]!;

/** 2 x 1.483 x the median distance from the median, rounded down. */
function twoDeviations(scores: readonly number[]): number {
  if (scores.length === 0 || !scores.every((score) => Number.isInteger(score) && Math.abs(score) <= MOST_SCORE)) {
    throw new OutOfRangeError('A question needs scores that are whole numbers below 2^39');
  }
  const middle = median(ascending(scores));
  const distance = median(ascending(scores.map((score) => Math.abs(score - middle))));
  return Math.floor((distance * 2_966) / 1_000);
}

/**
 * @param questions for each question its product with every row, as the rule computes it without a threshold
 * @throws OutOfRangeError
 * @example
 * import { calibrateThreshold } from '#lib/attribution/calibrate-threshold.ts';
 *
 * const threshold = calibrateThreshold([[0, 5, -3, 90], [2, -1, 0, 40]]);
 * show(`Weights below ${threshold} are not paid`);
 */
export function calibrateThreshold(questions: readonly (readonly number[])[]): number {
  if (questions.length === 0) throw new OutOfRangeError('A threshold needs a question');
  const spreads = ascending(questions.map(twoDeviations));
  return Math.min(spreads[Math.ceil((spreads.length * 3) / 4) - 1]!, 2 ** 40 - 1);
}
