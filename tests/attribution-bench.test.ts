// `payable bench attribution` counts as a reader would: a row is first or it is not, and bytes are those of the blocks.

import { expect, it } from 'vitest';
import { benchAttribution } from '../bench/attribution-bench.ts';
import { packRows } from './support/datanets.ts';

it('counts first places, estimates intervals and measures indexes', async () => {
  const fact = (n: number) => `Pump ${n} has the number ${n * 7919} on its door`;
  const { open } = await packRows(Array.from({ length: 40 }, (_, n) => ({ id: `row-${n}`, text: fact(n) })));
  const { open: other } = await packRows([{ id: 'row-1', text: 'Zilch' }]);
  const questions = Array.from({ length: 40 }, (_, n) => ({
    row: `row-${n}`,
    question: 'Which number?',
    answer: fact(n),
  }));
  const wrong = { row: 'row-1', question: 'Which number?', answer: fact(5) };
  const lines: string[] = [];
  const { rankings, indexes, latencies } = await benchAttribution({
    fields: [
      { name: 'pumps', version: open, questions },
      { name: 'others', version: other, questions: [wrong] },
    ],
    tokens: 4096,
    onProgress: (line) => lines.push(line),
    signal: new AbortController().signal,
  });
  expect(rankings).toHaveLength(10);
  expect(lines).toHaveLength(11);
  for (const { ranking, among, questions: count, first } of rankings) {
    expect([ranking, count, first.value]).toEqual([ranking, 41, 40 / 41]);
    expect(first.low).toBeLessThan(first.value);
    expect(first.high).toBe(1);
    expect(['own', 'all']).toContain(among);
  }
  expect(indexes.map(({ name, rows }) => [name, rows])).toEqual([
    ['pumps', 40],
    ['others', 1],
    ['made text', 128],
  ]);
  for (const { bytes, tokens, bytesPerToken } of indexes) expect(bytesPerToken).toBe(bytes / tokens);
  expect(latencies.map(({ what }) => what)).toEqual(['spans of 256 words', 'BM25 of 256 words']);
});
