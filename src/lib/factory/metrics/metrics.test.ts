// Figures against values worked out by hand or by the plain textbook way.

import { describe, expect, it, test } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { answerFigures } from './answer-figures.ts';
import { isExactMatch } from './exact-match.ts';
import { isJsonAnswer } from './json-answer.ts';
import { longestCommonSubsequence } from './longest-common-subsequence.ts';
import { lossChange, lossFigures } from './loss-figures.ts';
import { ratioFigure } from './ratio-figure.ts';
import { rougeOf } from './rouge.ts';

test.each([
  ['Paris', ' Paris\n', true],
  ['a\r\nb', 'a\nb', true],
  ['caf\u00e9', 'cafe\u0301', true],
  ['paris', 'Paris', false],
  ['Paris.', 'Paris', false],
  ['a  b', 'a b', false],
  ['', '  ', true],
])('exact match of %j and %j: %j', (answer, expected, is) => expect(isExactMatch(answer, expected)).toBe(is));

describe('Rouge', () => {
  const cat = 'the cat sat on the mat';
  test.each([
    [cat, cat, 1, 1, 1],
    // Common words: the, cat, on, the, mat. Common pairs: the cat, on the, the mat. In order: the cat on the mat.
    ['The cat was found on the mat!', cat, 10 / 13, 6 / 11, 10 / 13],
    // Words in another order: all words, no pair but one, two in order.
    ['mat the on', 'on the mat', 1, 0, 1 / 3],
    ['police killed the gunman', 'the gunman police killed', 1, 2 / 3, 1 / 2],
    // A word counts as often as the other text has it.
    ['the the the the', 'the cat', 2 / 6, 0, 2 / 6],
    ["don't stop_me-now", 'don t stop me now', 1, 1, 1],
    ['one', 'one', 1, 0, 1],
    ['', 'one two', 0, 0, 0],
    ['caf\u00e9 au lait', 'caf au lait', 1, 1, 1],
    ['\u212a2', 'k2', 1, 0, 1],
  ])('%j for %j', (answer, expected, rouge1, rouge2, rougeL) => {
    const rouge = rougeOf(answer, expected)!;
    expect(rouge.rouge1).toBeCloseTo(rouge1, 12);
    expect(rouge.rouge2).toBeCloseTo(rouge2, 12);
    expect(rouge.rougeL).toBeCloseTo(rougeL, 12);
  });

  it('is not measured where the expected text has no word', () => {
    expect(rougeOf('a', '…')).toBeNull();
    expect(rougeOf('猫', '猫')).toBeNull();
  });

  it('compares very long texts by their beginnings', () => {
    const words = (from: number, count: number) => Array.from({ length: count }, (_, i) => `w${from + i}`).join(' ');
    expect(rougeOf(words(0, 20_000), words(0, 100_000))).toEqual({ rouge1: 1, rouge2: 1, rougeL: 1 });
    expect(rougeOf('a'.repeat(3 << 20), 'b')).toEqual({ rouge1: 0, rouge2: 0, rougeL: 0 });
  });
});

it('the longest common subsequence is that of the textbook table', () => {
  const rng = createRng(5);
  for (let round = 0; round < 200; round++) {
    const [letters, most] = [1 + rng.below(6), round < 20 ? 3 : 140];
    const draw = () => Array.from({ length: rng.below(most) }, () => rng.below(letters));
    const [a, b] = [draw(), draw()];
    let above = new Array<number>(b.length + 1).fill(0);
    for (const x of a) {
      const row = [0];
      b.forEach((y, j) => row.push(x === y ? above[j]! + 1 : Math.max(above[j + 1]!, row[j]!)));
      above = row;
    }
    expect(longestCommonSubsequence(a, b)).toBe(above.at(-1));
  }
});

test.each([
  ['{"a": 1}', true],
  [' [1, 2]\n', true],
  ['```json\n{"a": [1]}\n```', true],
  ['Here it is:\n```\n[]\n```\nDone.', true],
  ['```json\n{"a": 1}\n```\n```json\n{}\n```', false],
  ['{"a": 1} and more', false],
  ["{'a': 1}", false],
  ['{"a": 1,}', false],
  ['42', false],
  ['"text"', false],
  ['', false],
  ['```', false],
  ['['.repeat(200_000), false],
  ['['.repeat(100_000) + ']'.repeat(100_000), true],
  [`"${'a'.repeat(1 << 20)}"`, false],
])('JSON %#', (text, is) => expect(isJsonAnswer(text)).toBe(is));

describe('figures', () => {
  it('an interval holds the mean, and is the same each time', () => {
    const parts = Array.from({ length: 400 }, (_, i) => ({ over: +(i % 4 === 0), under: 1 }));
    const figure = ratioFigure(parts)!;
    expect(figure).toEqual(ratioFigure(parts));
    expect(figure).toMatchObject({ value: 0.25, of: 400 });
    // The normal approximation: 1.96 times the square root of 0.25 * 0.75 / 400.
    expect(figure.low).toBeCloseTo(0.25 - 0.0424, 2);
    expect(figure.high).toBeCloseTo(0.25 + 0.0424, 2);
  });

  it('nothing measured is null, one question has an empty interval', () => {
    expect(ratioFigure([])).toBeNull();
    expect(ratioFigure([{ over: 3, under: 0 }])).toBeNull();
    expect(ratioFigure([{ over: 3, under: 2 }])).toEqual({ value: 1.5, low: 1.5, high: 1.5, of: 1 });
  });

  it('perplexity and accuracy are over tokens', () => {
    const scores = [
      { loss: 2 * Math.log(4), targets: 2, hits: 1 },
      { loss: 6 * Math.log(2), targets: 6, hits: 5 },
      { loss: 0, targets: 0, hits: 0 },
    ];
    const { loss, perplexity, accuracy } = lossFigures(scores);
    expect(loss!.value).toBeCloseTo((10 * Math.log(2)) / 8, 12);
    expect(loss!.of).toBe(2);
    expect(perplexity!.value).toBeCloseTo(2 ** (10 / 8), 12);
    expect(perplexity!.low).toBeCloseTo(2, 12);
    expect(perplexity!.high).toBeCloseTo(4, 12);
    expect(accuracy!.value).toBe(6 / 8);
  });

  it('a change of loss pairs examples', () => {
    const before = [4, 8].map((loss) => ({ loss, targets: 4, hits: 0 }));
    const after = before.map((score) => ({ ...score, loss: score.loss + 1 }));
    expect(lossChange(before, after)).toEqual({ value: 0.25, low: 0.25, high: 0.25, of: 2 });
    expect(() => lossChange(before, [])).toThrow(RangeError);
  });

  it('answers are measured on the questions that each figure fits', () => {
    const figures = answerFigures([
      { answer: 'The cat', expected: 'the cat' },
      { answer: '{"a": 1}', expected: '{"a":1}' },
      { answer: 'Sorry', expected: '[]' },
      { answer: '猫', expected: '猫' },
    ]);
    expect(figures.exact).toMatchObject({ value: 0.25, of: 4 });
    expect(figures.rouge1).toMatchObject({ value: 1, of: 2 });
    expect(figures.json).toMatchObject({ value: 0.5, of: 2 });
    expect(figures.length).toMatchObject({ value: 21 / 17, of: 4 });
    expect(answerFigures([])).toMatchObject({ exact: null, json: null, length: null });
  });
});
