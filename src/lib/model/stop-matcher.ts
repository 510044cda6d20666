// Ends an answer at the first stop string, regardless of token boundaries: no part of a stop string is emitted. The result does
// not depend on how the text is split into pieces.

import { PromptError } from './errors.ts';

export interface StopMatcher {
  /** Text that is safe to show. `stopped`: a stop string is complete; nothing may be pushed after it. */
  push(text: string): { text: string; stopped: boolean };
  /** The answer ended for another reason: returns the text held back. */
  end(): string;
}

const MAX_STOPS = 64;
const MAX_STOP_LENGTH = 1024;

export function createStopMatcher(stops: readonly string[]): StopMatcher {
  if (stops.length > MAX_STOPS)
    throw new PromptError(`${stops.length} stop strings were given.`, `At most ${MAX_STOPS} are watched for.`);
  for (const stop of stops) {
    if (stop === '' || stop.length > MAX_STOP_LENGTH) {
      throw new PromptError(`A stop string has ${stop.length} characters.`, `1 to ${MAX_STOP_LENGTH} are accepted.`);
    }
  }
  let held = '';
  return {
    push: (text) => {
      held += text;
      const found = firstStop(held, stops);
      if (found !== -1) {
        const shown = held.slice(0, found);
        held = '';
        return { text: shown, stopped: true };
      }
      const keep = possibleStart(held, stops);
      const shown = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return { text: shown, stopped: false };
    },
    end: () => {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

/** Start of the stop string that completes first (the longer one of two that end together), or -1. */
function firstStop(text: string, stops: readonly string[]): number {
  let start = -1;
  let end = Infinity;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at === -1) continue;
    if (at + stop.length < end || (at + stop.length === end && at < start)) {
      start = at;
      end = at + stop.length;
    }
  }
  return start;
}

/** Length of the longest suffix that may be the beginning of a stop string. */
function possibleStart(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let n = Math.min(stop.length - 1, text.length); n > longest; n--) {
      if (text.endsWith(stop.slice(0, n))) longest = n;
    }
  }
  return longest;
}
