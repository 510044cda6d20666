// Durations in words: two units at most, rounded down.

import { expect, it } from 'vitest';
import { inDuration } from './duration-words.ts';

it.each([
  [-5n, 'no time'],
  [0n, 'no time'],
  [1n, 'less than a minute'],
  [59n, 'less than a minute'],
  [60n, '1 minute'],
  [7_199n, '1 hour 59 minutes'],
  [86_400n, '1 day'],
  [90_061n, '1 day 1 hour'],
  [86_400n * 7n + 120n, '7 days'],
  [86_400n * 400n + 3_600n * 23n + 59n, '400 days 23 hours'],
])('%i seconds are %s', (seconds, words) => {
  expect(inDuration(seconds)).toBe(words);
});
