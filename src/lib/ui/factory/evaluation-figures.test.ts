// The table of an evaluation has the figures that apply, base beside adapter.

import { expect, it } from 'vitest';
import { evaluationRows } from './evaluation-figures.ts';

const figure = (value: number) => ({ value, low: value / 2, high: 2 * value, of: 4 });
const measured = (name: string | null, value: number) => ({
  name,
  answers: { exact: figure(value), rouge1: null, rouge2: null, rougeL: figure(value), json: null, length: figure(1) },
  losses: { loss: figure(2), perplexity: figure(7), accuracy: figure(value) },
  neutral: {
    losses: { loss: figure(3), perplexity: null, accuracy: null },
    change: name === null ? null : figure(0.5),
  },
});

it('leaves out figures that no row has, and marks the sign of a change', () => {
  const rows = evaluationRows([measured(null, 0.1), measured('Birds', 0.9)]);
  expect(rows.map(({ name }) => name)).toEqual([
    ...['Loss', 'Perplexity', 'Right tokens', 'Exact answers', 'Rouge-L', 'Loss on everyday text'],
    'Its change: forgetting',
  ]);
  const exact = rows.find(({ name }) => name === 'Exact answers')!;
  expect(exact.figures.map((one) => one && exact.format(one.value))).toEqual(['10.0 %', '90.0 %']);
  const forgotten = rows.at(-1)!;
  expect(forgotten.figures.map((one) => one && forgotten.format(one.value))).toEqual([null, '+0.500']);
  expect([-0.0001, -0.2].map((value) => forgotten.format(value))).toEqual(['0.000', '-0.200']);
  const json = { ...measured('Fish', 0), answers: { ...measured('Fish', 0).answers, json: figure(1) } };
  expect(evaluationRows([json]).map(({ name }) => name)).toContain('Valid JSON');
});
