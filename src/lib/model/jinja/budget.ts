// Limits the work of one rendering: steps, and the size of texts and lists, so that a hostile template ends. Counts steps instead
// of time, so that a template fails at the same place on every device.

import { fail } from './failure.ts';

const MAX_STEPS = 10_000_000;
export const MAX_TEXT = 32 << 20;
const MAX_LIST = 1_000_000;
/** Nested macro calls; Python's limit of 1,000 frames is reached at about this depth. */
export const MAX_CALLS = 200;

export class Budget {
  #steps = 0;
  #calls = 0;

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAX_STEPS) fail('LimitError', `it takes more than ${MAX_STEPS} steps`);
  }

  /** Call before making or scanning a text of this length. */
  text(length: number): void {
    if (length > MAX_TEXT) fail('LimitError', `it builds a text of more than ${MAX_TEXT} characters`);
    this.spend(length / 32);
  }

  list(length: number): void {
    if (length > MAX_LIST) fail('LimitError', `it builds a list of more than ${MAX_LIST} entries`);
    this.spend(length / 8);
  }

  /** A search may compare every character of `needle` at every position. */
  search(text: string, needle: string): void {
    this.spend((text.length * Math.max(needle.length, 2)) / 64);
  }

  enter(): void {
    if (++this.#calls > MAX_CALLS) fail('RecursionError', 'maximum recursion depth exceeded');
    this.spend(1);
  }

  leave(): void {
    this.#calls--;
  }
}
