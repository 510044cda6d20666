// How much two texts share, counted in whole numbers: the set of their runs of three words. Fractions are compared by their products,
// so no rounding decides.

import { RUN_WORDS } from '#lib/dataset/duplicates/min-hash.ts';

/** `shared` of `all` runs of both texts. */
export interface Overlap {
  shared: number;
  all: number;
}

/** The distinct runs; a shorter text is one run. */
export function wordRuns(words: readonly string[]): ReadonlySet<string> {
  const runs = new Set<string>();
  const last = Math.max(0, words.length - RUN_WORDS);
  for (let at = 0; at <= last; at++) runs.add(words.slice(at, at + RUN_WORDS).join(' '));
  return runs;
}

export function overlapOf(a: ReadonlySet<string>, b: ReadonlySet<string>): Overlap {
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const run of few) if (many.has(run)) shared++;
  return { shared, all: a.size + b.size - shared };
}

/** Numbers of runs have 17 bits, so products are exact. */
export const isMoreShared = (a: Overlap, b: Overlap): boolean => a.shared * b.all > b.shared * a.all;

/** Four of five runs: then one text counts as a copy of the other. */
export const isCopy = ({ shared, all }: Overlap): boolean => shared * 5 >= all * 4;

/** The part that is not shared, of 65,536, rounded down. */
export const noveltyOf = ({ shared, all }: Overlap): number => Math.floor(((all - shared) * 65_536) / all);
