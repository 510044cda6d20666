// What a sequence is expected to say next, and how often that was right lately. Every token that the model says is compared with
// what was expected, whether it was proposed or not, so a guess costs nothing where it is not used.

import { createTokenLookup } from './token-lookup.ts';

export interface Guesses {
  /** Share of the last tokens that were as expected, of those for which something was expected. */
  readonly hitRate: number;
  push(token: number): void;
  /** Expected tokens from the one `skip` places behind the last pushed. */
  continuation(skip: number, count: number): number[];
}

/** How much one token counts. */
const WEIGHT = 0.3;
/** Tokens of a longer prompt are looked up in its last part only. */
const LOOKED_UP = 1 << 15;

/** `texts`: what the sequence may quote besides its own tokens. */
export function createGuesses(ids: readonly number[], texts: readonly (readonly number[])[]): Guesses {
  const lookup = createTokenLookup(texts.map((text) => text.slice(0, LOOKED_UP)));
  for (const id of ids.slice(-LOOKED_UP)) lookup.push(id);
  let hitRate = 0;
  return {
    get hitRate() {
      return hitRate;
    },
    push(token) {
      const [expected] = lookup.continuation(0, 1);
      if (expected !== undefined) hitRate += WEIGHT * (+(expected === token) - hitRate);
      lookup.push(token);
    },
    continuation: (skip, count) => lookup.continuation(skip, count),
  };
}
