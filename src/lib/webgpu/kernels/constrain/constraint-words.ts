// How constraints and lists of tokens lie in memory, for the kernel, its plain twin and the sampler.

import type { StepParams } from '../../step-state.ts';

/** Biases that are none: a banned token is never chosen, a forced one has the logit 0 and no penalty. */
export const BANNED = -3e38;
export const FORCED = 3e38;

/** Of one request. */
export const CONSTRAINT_WORDS = 4;

/** Where each list stands in `lists`: its first word and how many entries it has. */
export const LIST = { suppress: 0, begin: 2, stop: 4, forcedBos: 6, forcedEos: 8, badWords: 10, biases: 12, words: 14 };
/** Of a sequence: where its tokens before the last stand, how many they are, the last one, its bias, whether the next entry has the same last token. */
export const SEQUENCE = { prefix: 0, length: 1, last: 2, bias: 3, goesOn: 4, words: 5 };

export type ConstrainParams = StepParams & {
  vocab: number;
  /** Tokens the history of a sequence has room for. */
  contextLength: number;
  /** Threads that share a row. */
  threads: number;
};
