// What a publication takes from a training manifest: facts for the card, and citations of the versions that are on the chain.

import { expect, it } from 'vitest';
import { toHex } from '#lib/core/bytes.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { trainingManifestText } from '#tests/support/training-manifest-text.ts';
import { citationsOf, readTrainingFacts } from './read-training.ts';

const [base, adapter] = ['aa'.repeat(32), 'bb'.repeat(32)] as const;
const cid = 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy';
const leaves = '0'.repeat(64);

it('recipe, losses and sources come from the manifest', () => {
  const facts = readTrainingFacts(trainingManifestText({ base, adapter }), { base, adapter });
  expect(facts.recipe).toEqual(
    expect.arrayContaining([
      ['rank', '12'],
      ['kind', 'lora'],
      ['steps', '3'],
    ]),
  );
  expect(facts.curves).toEqual([{ name: 'training loss', points: 3, first: 2.5, last: 0.75, least: 0.5 }]);
  expect(facts.sources).toEqual([{ name: 'Notes', licence: 'own', rows: 4, id: null }]);
});

it('a manifest of another adapter or base, or of another kind, is refused', () => {
  const text = trainingManifestText({ base, adapter });
  expect(() => readTrainingFacts(text, { base, adapter: base })).toThrow(/of another adapter/);
  expect(() => readTrainingFacts(text, { base: adapter, adapter })).toThrow(/of another base/);
  expect(() => readTrainingFacts('{"recipe":{}}', { base, adapter })).toThrow(/training.json/);
});

it('sources that are versions on the chain are cited with their rows, once each; others are named', () => {
  const source = (name: string, id: string | null, rows: number) => ({ name, id, rows, licence: 'CC-BY-4.0', leaves });
  const sources = [source('File', 'cc'.repeat(32), 3), source('Presses', cid, 300), source('Presses', cid, 1)];
  const version = { datanet: '4', version: 2, manifest: toHex(parseCid(cid).multihash.digest), rows: 240 };
  expect(citationsOf([...sources, source('Odd', 'no id', 1)], [version])).toEqual({
    data: [{ datanet: 4n, version: 2, rows: 240 }],
    others: ['File', 'Odd'],
  });
  expect(citationsOf(sources, []).data).toEqual([]);
});
