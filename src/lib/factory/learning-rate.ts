// The learning rate of each step. Only additions, multiplications and divisions of doubles: these are exact to the last bit in every
// JavaScript engine. `Math.cos` is not, and one bit of a rate changes every weight after it.

import type { Recipe } from './recipe.ts';

type Schedule = Pick<Recipe, 'rate' | 'schedule' | 'warmup'>;

/** Of step `step` of `steps`, from 0. The first step after the warm-up has the highest rate; the last one is above 0. */
export function learningRate({ rate, schedule, warmup }: Schedule, step: number, steps: number): number {
  const rising = Math.floor(warmup * steps);
  if (step < rising) return (rate * (step + 1)) / (rising + 1);
  const done = (step - rising) / (steps - rising);
  return rate * SHARES[schedule](done);
}

const SHARES: Readonly<Record<Recipe['schedule'], (done: number) => number>> = {
  constant: () => 1,
  linear: (done) => 1 - done,
  // (1 + cos πx) / 2 = cos² (πx / 2)
  cosine: (done) => square(cosine((Math.PI / 2) * done)),
};

/** Of an angle from 0 to π / 2, by its series: the first term left out is below 2e-17. */
function cosine(angle: number): number {
  let sum = 1;
  for (let n = 20; n > 0; n -= 2) sum = 1 - (square(angle) / (n * (n - 1))) * sum;
  return sum;
}

/** `**` may be rounded otherwise. */
const square = (value: number): number => value * value;
