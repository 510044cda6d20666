import { expect, it } from 'vitest';
import { createDrafting } from './drafting.ts';
import { createGuesses } from './guesses.ts';
import { createStepCosts } from './step-costs.ts';

const LOOP = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

function candidate({ onTheWay = 0, most = 100, repeats = 3, strange = 0 } = {}) {
  const guesses = createGuesses(LOOP, []);
  for (let i = 0; i < repeats; i++) for (const token of LOOP) guesses.push(token);
  for (let i = 0; i < strange; i++) guesses.push(500 + i);
  return { guesses, onTheWay, most };
}

function drafting(times: Record<number, number>) {
  const costs = createStepCosts(4);
  for (const [rows, milliseconds] of Object.entries(times)) {
    for (let i = 0; i < 5; i++) costs.took(Number(rows), milliseconds);
  }
  return createDrafting({ costs, tileRows: 4 });
}

it('proposes what stood behind the same words, from the first token that is not on its way', () => {
  const one = candidate({ onTheWay: 2 });
  expect(drafting({ 1: 10, 4: 15, 8: 40 }).propose([one], 1, 32).get(one)).toEqual([3, 4, 5]);
});

it('takes the length that gives most tokens in the measured time', () => {
  const one = candidate();
  expect(drafting({ 1: 10, 4: 17, 8: 18 }).propose([one], 1, 32).get(one)).toHaveLength(7);
  expect(drafting({ 1: 10, 4: 17, 8: 40 }).propose([one], 1, 32).get(one)).toHaveLength(3);
});

it('proposes nothing where longer steps cost more than they gain, and nothing before steps were measured', () => {
  const one = candidate();
  expect(drafting({ 1: 10, 4: 40, 8: 80 }).propose([one], 1, 32).size).toBe(0);
  expect(drafting({}).propose([one], 1, 32).size).toBe(0);
});

it('proposes nothing where guesses were wrong lately or nothing stood before', () => {
  const times = { 1: 10, 4: 15, 8: 40 };
  const wrong = createGuesses([1, 2, 3, 4], []);
  for (let i = 0; i < 8; i++) for (const token of [1, 2, 3, 50 + i]) wrong.push(token);
  const fresh = createGuesses([1, 2, 3, 4], []);
  for (const guesses of [wrong, fresh]) {
    expect(drafting(times).propose([{ guesses, onTheWay: 0, most: 9 }], 1, 32).size).toBe(0);
  }
  expect(drafting(times).propose([candidate({ strange: 3 })], 1, 32).size).toBe(0);
});

it('tries a length that was never measured', () => {
  const one = candidate();
  expect(drafting({ 1: 10 }).propose([one], 1, 32).get(one)).toHaveLength(7);
});

it('keeps to the room of the step and of the sequence', () => {
  const [one, two] = [candidate({ most: 2 }), candidate()];
  const made = drafting({ 2: 10 }).propose([one, two], 2, 6);
  expect([...made.values()].map(({ length }) => length)).toEqual([2, 4]);
  expect(drafting({ 1: 10 }).propose([candidate({ most: 0 })], 1, 32).size).toBe(0);
});

it('weighs a batch as a whole: what one sequence gains the others pay', () => {
  const one = candidate();
  // Eight rows a step, two tiles; with proposals of one sequence three.
  expect(drafting({ 8: 20, 12: 30, 16: 40 }).propose([one], 8, 32).size).toBe(0);
  expect(drafting({ 8: 20, 12: 22, 16: 40 }).propose([one], 8, 32).get(one)).toHaveLength(3);
});
