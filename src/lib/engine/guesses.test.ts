import { expect, it } from 'vitest';
import { createGuesses } from './guesses.ts';

it('counts how often what stood before came again', () => {
  const guesses = createGuesses([1, 2, 3, 4, 5, 6, 7, 8], []);
  for (const token of [1, 2, 3]) guesses.push(token);
  expect([guesses.hitRate, guesses.continuation(0, 3)]).toEqual([0, [4, 5, 6]]);
  guesses.push(4);
  const afterOne = guesses.hitRate;
  guesses.push(5);
  expect(guesses.hitRate).toBeGreaterThan(afterOne);
  const afterTwo = guesses.hitRate;
  guesses.push(99);
  expect(guesses.hitRate).toBeLessThan(afterTwo);
  // Nothing stood behind these words, so nothing was expected and nothing is learnt.
  const before = guesses.hitRate;
  guesses.push(98);
  expect(guesses.hitRate).toBe(before);
});

it('finds what the sequence quotes from other texts', () => {
  const guesses = createGuesses([50, 51], [[1, 2, 3, 4, 5, 6, 7]]);
  for (const token of [1, 2, 3, 4]) guesses.push(token);
  expect(guesses.continuation(1, 2)).toEqual([6, 7]);
  expect(guesses.hitRate).toBeGreaterThan(0);
});
