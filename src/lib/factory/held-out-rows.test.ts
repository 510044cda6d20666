// The rows on which an adapter is measured are the rows that its run held back.

import { expect, it } from 'vitest';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { loadText } from '#lib/model/text.ts';
import { digester } from '#tests/support/datanets.ts';
import { readJson, tokenizerPath } from '#tests/support/fixtures.ts';
import { heldOutRows } from './held-out-rows.ts';
import { prepareData } from './prepare-data.ts';
import type { RowSource } from './training-row.ts';

const encoder = new TextEncoder();
const values = Array.from({ length: 60 }, (_, at): JsonObject => {
  const word = String.fromCharCode(97 + (at % 26), 97 + Math.floor(at / 26), 113 - (at % 13));
  return { prompt: `${word} ${at}?`, completion: `${at} ${word}` };
});
/** Both name their rows in the same way. */
const source = (name: string, from: number, to: number): RowSource => ({
  ...{ name, licence: 'own' },
  rows: async function* () {
    yield values
      .slice(from, to)
      .map((value, at) => ({ id: `row-${at}`, leaf: digester.sha256(encoder.encode(JSON.stringify(value))), value }));
  },
});
const options = {
  ...{ turns: 'all' as const, length: 128, validation: { share: 0.4, least: 1 }, joined: 0, seed: 1 },
};

it('are those of the run, of all sources, and a bounded number of them from all over the data', async () => {
  const tokenizer = JSON.stringify(readJson(`${tokenizerPath('llama3')}/tokenizer.json`));
  const files = new Map([['tokenizer.json', tokenizer]]);
  const labeller = await loadText(createMemoryFolder('m', files), 1000, () => new Date(2026, 10, 30));
  const sources = [source('a', 0, 30), source('b', 30, 60)];
  const context = { labeller, digester };
  const run = prepareData(sources, options, context);
  let next = await run.next();
  while (!next.done) next = await run.next();
  const expected = next.value.validation.map(({ rows }) => values[Number(rows[0]!.id.slice(4)) + 30 * rows[0]!.source]);
  expect(expected.length).toBeGreaterThan(15);
  const all = await heldOutRows(sources, options, 200, context);
  expect(all.map(({ value }) => value)).toEqual(expected);
  const few = await heldOutRows(sources, options, 5, context);
  expect(few.map(({ value }) => value)).toEqual(
    [0, 1, 2, 3, 4].map((at) => expected[Math.floor((at * expected.length) / 5)]),
  );
});
