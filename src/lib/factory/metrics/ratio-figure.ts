// A figure over questions with its interval: a sum over a sum, such as right answers over questions or losses over tokens. The interval
// is the percentile bootstrap over questions: it says how far the figure would move with other questions of the same kind. It is
// empty where all questions agree, such as a share of exactly 0 or 1.

import { createRng } from '#lib/core/rng.ts';

/** What one question adds to both sums. */
export interface Part {
  over: number;
  under: number;
}

export interface Figure {
  value: number;
  /** 95 % of the resampled figures lie from `low` to `high`. */
  low: number;
  high: number;
  /** Questions that it was measured on. */
  of: number;
}

const RESAMPLES = 1000;
const LEAST_RESAMPLES = 100;
/** Draws in all, so that many questions take no minutes. */
const MOST_DRAWS = 20_000_000;
const TAIL = 0.025;

/** The same parts and seed give the same figure. Null where the lower sum is 0: nothing was measured. */
export function ratioFigure(parts: readonly Part[], seed = 1): Figure | null {
  const counted = parts.filter(({ under }) => under > 0);
  if (counted.length === 0) return null;
  const over = Float64Array.from(counted, (part) => part.over);
  const under = Float64Array.from(counted, (part) => part.under);
  const of = counted.length;
  const value = sumOf(over) / sumOf(under);
  const rng = createRng(seed);
  const rounds = Math.min(RESAMPLES, Math.max(LEAST_RESAMPLES, Math.floor(MOST_DRAWS / of)));
  const drawn = Float64Array.from({ length: rounds }, () => {
    let [a, b] = [0, 0];
    for (let i = 0; i < of; i++) {
      const at = rng.below(of);
      a += over[at]!;
      b += under[at]!;
    }
    return a / b;
  }).sort();
  const at = (share: number) => drawn[Math.round(share * (rounds - 1))]!;
  return { value, low: at(TAIL), high: at(1 - TAIL), of };
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** The same figure on another scale; `change` must be increasing. */
export const changedFigure = (figure: Figure | null, change: (value: number) => number): Figure | null =>
  figure && { ...figure, value: change(figure.value), low: change(figure.low), high: change(figure.high) };
