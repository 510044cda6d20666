import { expect, it } from 'vitest';
import { createTokenLookup } from './token-lookup.ts';

function lookupOf(tokens: readonly number[], texts: readonly (readonly number[])[] = []) {
  const lookup = createTokenLookup(texts);
  for (const token of tokens) lookup.push(token);
  return lookup;
}

it('continues what stood before as it went on there', () => {
  const lookup = lookupOf([1, 2, 3, 4, 5, 6, 9, 1, 2, 3]);
  expect(lookup.continuation(0, 3)).toEqual([4, 5, 6]);
  expect(lookup.continuation(2, 2)).toEqual([6, 9]);
});

it('expects nothing where fewer than three tokens agree', () => {
  expect(lookupOf([1, 2, 9, 8, 1, 2]).continuation(0, 4)).toEqual([]);
  expect(lookupOf([]).continuation(0, 4)).toEqual([]);
});

it('prefers the longest agreement to the last one', () => {
  expect(lookupOf([7, 1, 2, 3, 50, 8, 1, 2, 3, 60, 7, 1, 2, 3]).continuation(0, 1)).toEqual([50]);
  expect(lookupOf([7, 1, 2, 3, 50, 7, 1, 2, 3, 60, 7, 1, 2, 3]).continuation(0, 1)).toEqual([60]);
});

it('goes on in a loop of any length', () => {
  expect(lookupOf([5, 5, 5, 5]).continuation(0, 6)).toEqual([5, 5, 5, 5, 5, 5]);
  expect(lookupOf([1, 2, 3, 1, 2, 3]).continuation(1, 5)).toEqual([2, 3, 1, 2, 3]);
});

it('looks in other texts, each by itself', () => {
  const texts = [
    [1, 2, 3, 4],
    [5, 6, 7],
  ];
  expect(lookupOf([1, 2, 3], texts).continuation(0, 4)).toEqual([4]);
  expect(lookupOf([4, 5, 6], texts).continuation(0, 4)).toEqual([]);
  expect(lookupOf([5, 6, 7], texts).continuation(0, 4)).toEqual([]);
});

it('is bounded work a token, however often a place comes back', () => {
  const lookup = createTokenLookup();
  for (let i = 0; i < 200_000; i++) lookup.push(i % 2 === 0 ? 1 : 2);
  expect(lookup.continuation(0, 4)).toEqual([1, 2, 1, 2]);
});
