// Percentages are read exactly or not at all.

import { expect, it } from 'vitest';
import { readPercent } from './read-percent.ts';

it.each([
  ['0', 0],
  [' 2.5 ', 250],
  ['33.33', 3333],
  ['100.00', 10_000],
])('%s is %i basis points', (text, bps) => expect(readPercent(text, 'The part')).toBe(bps));

it.each(['', '-1', '100.01', '101', '2.555', '1e1', '2,5', '.5', '5.', '٥'])('refuses “%s”', (text) =>
  expect(() => readPercent(text, 'The part')).toThrow('The part must be a percentage'),
);
