import { expect, it } from 'vitest';
import { createStepCosts } from './step-costs.ts';

it('gives the median of the last steps with as many tiles of rows', () => {
  const costs = createStepCosts(4);
  for (const milliseconds of [10, 90, 11, 12, 9]) costs.took(1, milliseconds);
  for (const milliseconds of [20, 22, 21]) costs.took(4, milliseconds);
  expect([costs.of(1), costs.of(2), costs.of(4), costs.of(5)]).toEqual([11, 21, 21, null]);
  for (let i = 0; i < 9; i++) costs.took(1, 5);
  expect(costs.of(1)).toBe(5);
});

it('says nothing of steps that were measured once or twice, or long ago', () => {
  const costs = createStepCosts(4);
  costs.took(4, 20);
  costs.took(4, 20);
  expect(costs.of(4)).toBeNull();
  costs.took(4, 20);
  expect(costs.of(4)).toBe(20);
  for (let i = 0; i < 256; i++) costs.took(1, 10);
  expect(costs.of(4)).toBeNull();
});
