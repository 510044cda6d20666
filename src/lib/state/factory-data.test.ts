// A look at data before training, with the tokenizer of the demo model: what is counted, which tokens are shown as learned, and what is
// shown when nothing can be learned.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PRESETS } from '#lib/factory/presets.ts';
import { fileSource } from '#lib/factory/row-sources.ts';
import { parseRow } from '#lib/formats/datanet/datanet-row.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { loadText } from '#lib/model/text.ts';
import { digester } from '#tests/support/datanets.ts';
import { FactoryData } from './factory-data.svelte.ts';

const BASE = 'static/models/nano/base';
const files = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json', 'config.json'];
const folder = createMemoryFolder('nano', new Map(files.map((name) => [name, readFileSync(`${BASE}/${name}`)])));
const base = { kind: 'demo', name: 'Nano' } as const;

const dataOf = (...lines: string[]) =>
  new FactoryData({
    openText: () => loadText(folder, 4096, () => new Date(2026, 10, 30)),
    openSources: async () => [
      fileSource(
        'birds.jsonl',
        (async function* () {
          yield lines.map((line, at) => parseRow(line, `line ${at + 1}`));
        })(),
        digester,
      ),
    ],
    createDigester: async () => digester,
    turn: () => Promise.resolve(),
  });
const { data: recipe } = PRESETS.traceable;

it('counts rows, and shows examples with the answer as learned tokens', async () => {
  const messages = [
    { role: 'user', content: 'Which bird?' },
    { role: 'assistant', content: 'A kakapo.' },
  ];
  const data = dataOf(JSON.stringify({ messages }), JSON.stringify({ note: 'no text' }));
  expect(await data.look(base, [], { ...recipe, validation: { share: 0, least: 0 } })).toBe(true);
  expect(data.report!.counts.train).toMatchObject({ rows: 2, examples: 1 });
  expect(data.report!.counts.train.dropped.map(({ count }) => count)).toEqual([1]);
  expect(data.questions).toEqual(['Which bird?']);
  const [example] = data.examples;
  const learned = example!.tokens.filter(({ isLearned }) => isLearned).map(({ text }) => text);
  expect(learned.join('')).toMatch(/^A kakapo\./);
  expect(example!.tokens.map(({ text }) => text).join('')).toContain('Which bird?');
});

it('says why nothing is learned, and forgets that with the next choice', async () => {
  const data = dataOf(JSON.stringify({ note: 'no text' }));
  expect(await data.look(base, [], recipe)).toBe(false);
  expect(data.task.problem?.message).toContain('nothing to train');
  data.clear();
  expect(data.task.problem).toBe(null);
});
