// The figures of losses over examples. All are means over tokens, so a long example counts more than a short one; the intervals resample
// examples, because tokens of one example are alike.

import { changedFigure, ratioFigure, type Figure } from './ratio-figure.ts';

/** Of one example: losses in natural logarithms, summed over its learned tokens. */
export interface Scored {
  loss: number;
  targets: number;
  /** Learned tokens that are the model's likeliest. */
  hits: number;
}

/** Null: no token is learned. */
export interface LossFigures {
  loss: Figure | null;
  /** exp(loss). */
  perplexity: Figure | null;
  /** Share of tokens that are the model's likeliest. */
  accuracy: Figure | null;
}

export function lossFigures(scores: readonly Scored[]): LossFigures {
  const loss = ratioFigure(scores.map(({ loss: over, targets: under }) => ({ over, under })));
  return {
    loss,
    perplexity: changedFigure(loss, Math.exp),
    accuracy: ratioFigure(scores.map(({ hits: over, targets: under }) => ({ over, under }))),
  };
}

/** How much higher the loss of `scores` is than that of `before` on the same examples, a token. Above 0: worse. */
export function lossChange(before: readonly Scored[], scores: readonly Scored[]): Figure | null {
  if (before.length !== scores.length) throw new RangeError(`${before.length} and ${scores.length} examples`);
  return ratioFigure(scores.map(({ loss, targets }, i) => ({ over: loss - before[i]!.loss, under: targets })));
}
