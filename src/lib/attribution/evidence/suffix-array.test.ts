import fc from 'fast-check';
import { expect, it } from 'vitest';
import { suffixArray } from './suffix-array.ts';

function byComparison(text: Int32Array): number[] {
  const order = Array.from(text, (_, at) => at);
  return order.sort((a, b) => {
    for (let step = 0; ; step++) {
      if (a + step === text.length) return -1;
      if (b + step === text.length) return 1;
      if (text[a + step] !== text[b + step]) return text[a + step]! - text[b + step]!;
    }
  });
}
const check = (values: readonly number[]): void => {
  const text = Int32Array.from(values);
  const symbols = Math.max(0, ...values) + 1;
  expect(Array.from(suffixArray(text, symbols))).toEqual(byComparison(text));
};

function fibonacci(length: number): number[] {
  let [before, word] = [[1], [0]];
  while (word.length < length) [before, word] = [word, [...word, ...before]];
  return word.slice(0, length);
}
const thueMorse = (length: number): number[] =>
  Array.from({ length }, (_, at) => at.toString(2).replaceAll('0', '').length % 2);

it('sorts the suffixes of random texts over few and many symbols as a comparison does', () => {
  for (const max of [0, 1, 2, 5, 1000])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max }), { maxLength: 200 }), (values) => check(values)),
      { numRuns: 150 },
    );
});

it('sorts every text of up to eight symbols over three', () => {
  for (let length = 0; length <= 8; length++)
    for (let code = 0; code < 3 ** length; code++)
      check(Array.from({ length }, (_, at) => Math.floor(code / 3 ** at) % 3));
});

it('sorts texts that repeat themselves: equal symbols, periods, Fibonacci and Thue-Morse words', () => {
  for (const length of [1, 2, 3, 64, 377, 500]) {
    check(new Array<number>(length).fill(0));
    check(new Array<number>(length).fill(7));
    check(fibonacci(length));
    check(fibonacci(length).reverse());
    check(thueMorse(length));
    for (const period of [2, 3, 5, 17]) check(Array.from({ length }, (_, at) => at % period));
    check(Array.from({ length }, (_, at) => length - at));
    check(Array.from({ length }, (_, at) => (at === length - 1 ? 0 : 1)));
  }
});

it('sorts a long text: every suffix is smaller than the next one', () => {
  const size = 20_000;
  for (const text of [fibonacci(size), thueMorse(size), new Array<number>(size).fill(3)].map((v) =>
    Int32Array.from(v),
  )) {
    const order = suffixArray(text, 4);
    const rank = new Int32Array(size + 1).fill(-1);
    order.forEach((at, slot) => (rank[at] = slot));
    expect(rank.subarray(0, size).includes(-1)).toBe(false);
    for (let slot = 1; slot < size; slot++) {
      const [a, b] = [order[slot - 1]!, order[slot]!];
      const isSmaller = text[a] === text[b] ? rank[a + 1]! < rank[b + 1]! : text[a]! < text[b]!;
      if (!isSmaller) expect.fail(`suffix ${a} does not come before suffix ${b}`);
    }
  }
});
