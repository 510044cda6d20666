// What is published beside an adapter: cards that no name can break, licences by the contract's rule, weights that fit the registry, and
// statements that say what is not known.

import { describe, expect, it } from 'vitest';
import { LICENCES } from '#lib/formats/datanet/licences.ts';
import { encodeModelCard, parseModelCard, type ModelCard } from '#lib/formats/model/model-card.ts';
import { cardFiles } from './card-files.ts';
import { cardText } from './card-text.ts';
import { inMarkdown } from './markdown-text.ts';
import { checkModelLicence } from './publication-licence.ts';
import { rowWeights } from './row-weights.ts';
import { trainingContent } from './training-content.ts';
import type { TrainingFacts } from './training-facts.ts';

const id = 'ab'.repeat(32);
const card: ModelCard = {
  ...{ name: 'Shop floor', description: 'Answers about presses.', licence: 'CC-BY-4.0', parent: null, training: null },
  base: { place: 'owner/base@0123', id, family: 'llama', licence: 'MIT' },
  adapter: { id, kind: 'lora', rank: 8, targets: ['q_proj'], files: [{ path: 'a', bytes: 3, sha256: id }] },
  data: [],
};
const row = {
  ...{ datanet: '1:0xab:3', version: 2, name: 'Presses', manifest: 'bafyrei', licence: 'CC-BY-4.0' },
  ...{ rowLicences: ['CC0-1.0'], rows: 240, rowsUsed: 200, contributors: 10 },
};

describe('a licence of a model', () => {
  const licence = (spdx: string) => LICENCES.find((one) => one.spdx === spdx)!;
  const check = (wanted: string, ...sources: string[]) => {
    checkModelLicence(
      licence(wanted),
      sources.map((spdx) => ({ name: `Source ${spdx}`, licence: licence(spdx) })),
    );
  };
  it.each([
    ['CC-BY-4.0', 'CC0-1.0'],
    ['CC-BY-NC-4.0', 'CC-BY-4.0'],
    ['CC-BY-SA-4.0', 'CC-BY-SA-4.0'],
    ['CC-BY-NC-4.0', 'CC-BY-NC-4.0'],
  ])('%s fits a source under %s', (wanted, source) => expect(() => check(wanted, 'MIT', source)).not.toThrow());
  it.each([
    ['CC-BY-4.0', 'CC-BY-NC-4.0', /Source CC-BY-NC-4.0 .* forbids commercial use/],
    ['CC-BY-4.0', 'CC-BY-ND-4.0', /forbids derivatives/],
    ['CC-BY-4.0', 'CC-BY-SA-4.0', /must have too/],
    ['CC-BY-NC-SA-4.0', 'CC-BY-SA-4.0', /must have too/],
    ['ODbL-1.0', 'CC-BY-SA-4.0', /must have too/],
  ])('%s is refused beside a source under %s', (wanted, source, words) =>
    expect(() => check(wanted, 'MIT', source)).toThrow(words),
  );
});

it('numbers of rows are weights as they are, or in proportion where 16 bits are too few', () => {
  expect(rowWeights([])).toEqual([]);
  expect(rowWeights([240, 1, 65_535])).toEqual([240, 1, 65_535]);
  expect(rowWeights([1_000_000, 500_000, 1])).toEqual([65_535, 32_767, 1]);
});

it('text of others stays text in Markdown', () => {
  expect(inMarkdown('a|b\n# <b>`x`</b> [y](z) \u202E!')).toBe('a\\|b \\# &lt;b&gt;\\`x\\`&lt;/b&gt; \\[y\\](z) \\!');
});

describe('the card', () => {
  const facts: TrainingFacts = {
    recipe: [
      ['rank', '8'],
      ['kind', 'lora'],
    ],
    curves: [{ name: 'loss', points: 3, first: 3, last: 2, least: 1 }],
    sources: [{ name: 'Presses | more', rows: 240, licence: 'CC-BY-4.0', id: 'bafyrei' }],
  };
  it('is read again as far as opening needs it', () => {
    expect(parseModelCard(encodeModelCard({ ...card, parent: { model: 7n, version: 2 } }), 'card')).toEqual({
      ...{ base: card.base, adapter: { id } },
    });
  });
  it.each([
    ['{}', /is not a model\/card@1/],
    ['[]', /not an object/],
    ['{"kind":"model/card@1"}', /field "base" is not an object/],
    [encodeModelCard({ ...card, base: { ...card.base, place: '' } }), /field "place"/],
    [encodeModelCard({ ...card, base: { ...card.base, place: 'x'.repeat(2001) } }), /field "place"/],
    [encodeModelCard({ ...card, adapter: { ...card.adapter, id: '0x12' } }), /not a sha256/],
  ])('%.40s is refused by the field', (text, words) => expect(() => parseModelCard(text, 'card')).toThrow(words));
  it('has one front matter, for any name', () => {
    const text = cardText({ ...card, name: 'x\n---\nlicense: mit\n', base: { ...card.base, place: 'a"\n---' } }, null);
    expect(text.split('\n').filter((line) => line === '---')).toHaveLength(2);
    expect(text).toContain('base_model: "a\\"\\n---"');
    expect(text).toContain('# x --- license: mit');
  });
  it('shows data with licences of rows, and the recipe and the curves of a manifest', () => {
    const text = cardText({ ...card, data: [row] }, facts);
    expect(text).toContain('| Presses (1:0xab:3) v2 | 200 of 240 | CC-BY-4.0, rows also CC0-1.0 | 10 | bafyrei |');
    expect(text).toContain('| kind | lora |');
    expect(text).toContain('- loss: 3 values, from 3 to 2, least 1');
    expect(text).toContain('- Presses \\| more: 240 rows, CC-BY-4.0, bafyrei');
  });
  it('says what is not known, and lists each file with its hash', async () => {
    const content = { card, provider: '0xab', bytes: 0, newest: null };
    const { files } = await cardFiles({ ...content, training: null });
    expect(files.map(({ path }) => path)).toEqual(['README.md', 'card.json', 'training-content.md']);
    expect(cardText(card, null)).toContain('the recipe and the course of the training are not known');
    expect(cardText(card, null)).toContain(`| a | 3 | \`${id}\` |`);
    const named = await cardFiles({ ...content, training: { text: '{"recipe":{}}', facts } });
    expect(named.card.training?.file).toBe('training.json');
    expect(named.files.at(-1)).toMatchObject({ path: 'training.json', bytes: 13 });
  });
});

describe('the public summary of training content', () => {
  const facts = { provider: '0xab', bytes: 84_000, newest: 1_700_000_000 };
  it('has the sections of the template, with sources and licences', () => {
    const text = trainingContent({ ...facts, card: { ...card, data: [row] } });
    const sections = ['1. General information', '2. List of data sources', '3. Aspects of data processing'];
    for (const section of sections) expect(text).toContain(`## ${section}`);
    expect(text).toContain('200 of 240 rows of 10 contributors, licence CC-BY-4.0, CC0-1.0.');
    expect(text).toContain('less than 1 billion tokens');
    expect(text).toContain('2023-11-14');
  });
  it('says no size and no source where no data is cited', () => {
    const text = trainingContent({ ...facts, bytes: 0, newest: null, card });
    expect(text).toContain('Size of the training data: Not known');
    expect(text).not.toContain('contributors, licence');
  });
  it('a large size says no number of tokens', () => {
    const text = trainingContent({ ...facts, bytes: 2e9, card: { ...card, data: [row] } });
    expect(text).not.toContain('billion tokens');
  });
});
