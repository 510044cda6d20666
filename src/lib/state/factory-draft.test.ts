// The choices for a new run: presets, variants, and what is refused before anything runs.

import { beforeEach, expect, it } from 'vitest';
import { PRESETS } from '#lib/factory/presets.ts';
import { FactoryDraft } from './factory-draft.svelte.ts';

const finance = { kind: 'shipped', id: 'finance', name: 'Finance' } as const;
let draft: FactoryDraft;
beforeEach(() => {
  draft = new FactoryDraft();
});

it('needs data, and then runs with the defaults under the name of the data', () => {
  expect(draft.choices).toBe(null);
  draft.addSource(finance);
  draft.addSource({ ...finance });
  const { recipe, data, validations, patience } = PRESETS.traceable;
  expect(draft.choices).toEqual({
    ...{ name: 'Finance', base: { kind: 'demo', name: 'Nano' }, dtype: 'f16', sources: [finance] },
    settings: { jobs: [{ name: 'Finance', recipe, from: null }], data, validations, patience, prompts: [] },
  });
});

it('leaves empty prompts out', () => {
  draft.addSource(finance);
  draft.prompts = [' Which rate? ', '  '];
  expect(draft.choices?.settings.prompts).toEqual(['Which rate?']);
});

it('names the field that is wrong, and the variant that has it', () => {
  draft.addSource(finance);
  draft.changeRecipe({ rank: 0 });
  expect(draft.problem?.message).toContain('"rank"');
  expect(draft.choices).toBe(null);
  draft.choosePreset('quick');
  expect(draft.problem).toBe(null);
  draft.addVariant();
  draft.changeRecipe({ epochs: 1.5 });
  expect(draft.problem?.message).toMatch(/^Variant B.*"epochs"/);
  draft.removeVariant(1);
  draft.run = { validations: 0, patience: null };
  expect(draft.problem?.message).toContain('"validations"');
});

it('takes up to eight variants with names of their own', () => {
  draft.addSource(finance);
  for (let more = 0; more < 10; more++) draft.addVariant();
  draft.removeVariant(1);
  draft.addVariant();
  expect(draft.variants.map(({ name }) => name).join('')).toBe('ACDEFGHB');
  expect(draft.choices?.settings.jobs.map(({ name }) => name)).toContain('Finance H');
});
