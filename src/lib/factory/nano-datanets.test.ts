// The Datanets that come with the app, prepared for the model that comes with it: ids and loss equal those which its adapters were
// trained on so far, and short rows share bins.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseRow } from '#lib/formats/datanet/datanet-row.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { loadText } from '#lib/model/text.ts';
import { digester } from '#tests/support/datanets.ts';
import { packingFigures } from './packing-figures.ts';
import { prepareData, type TrainingData } from './prepare-data.ts';
import { fileSource } from './row-sources.ts';

const NANO = 'static/models/nano';
const files = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json', 'config.json'];

/** Rows, tokens, learned tokens and a digest of all of them, from the trainer in scripts/nano. */
it.each([
  ['finance', 9268, 3318, '5cf40b7afbc5b9ae'],
  ['medical', 8799, 3142, '6fb699c360bedfb9'],
])('%s has the tokens and the loss of the first trainer', async (field, tokens, lossTokens, digest) => {
  const folder = createMemoryFolder('nano', new Map(files.map((name) => [name, readFileSync(`${NANO}/base/${name}`)])));
  const labeller = await loadText(folder, 4096, () => new Date(2026, 10, 30));
  const lines = readFileSync(`${NANO}/datanets/${field}.jsonl`, 'utf8').trim().split('\n');
  const rows = (async function* () {
    yield lines.map((line, at) => parseRow(line, `line ${at + 1}`));
  })();
  const options = { turns: 'all', length: 256, validation: { share: 0, least: 0 }, joined: 0, seed: 1 } as const;
  const run = prepareData([fileSource(field, rows, digester)], options, { labeller, digester });
  let data: TrainingData | undefined;
  while (!data) {
    const next = await run.next();
    if (next.done) data = next.value;
  }
  const { train, counts, terms } = data;
  expect(counts.train).toMatchObject({
    rows: 240,
    examples: 240,
    tokens,
    lossTokens,
    dropped: [],
    methods: { prefix: 240 },
  });
  expect(terms).toEqual({ licences: ['CC-BY-4.0'], commercial: true, shareAlike: null, unpublishable: null });
  const hash = createHash('sha256');
  for (const { ids, loss } of train) hash.update(`${ids.join(',')} ${loss.join('')}\n`);
  expect(hash.digest('hex').slice(0, 16)).toBe(digest);
  const order = { batch: 16, epochs: 1, seed: 1 };
  const figures = packingFigures({ examples: train, order }, 1024);
  expect(figures.tokens).toBe(tokens);
  expect(figures.unpackedRows / figures.packedRows).toBeGreaterThan(1.8);
});
