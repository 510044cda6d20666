// Adapters as tools write them: compared with PEFT for norms, biases, tokens and tied tables, and with names that are nearly
// right. Plain TypeScript kernels.

import { expect, test } from 'vitest';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import { adapterCases, changedAdapter, expectAdapter, smallAdapter } from '../support/adapter-cases.ts';
import { readExpectedSmall } from '../support/generation-cases.ts';
import { smallBases, smallEngine, type Tensors } from '../support/small-model.ts';
import type { Folder } from '#lib/core/folder.ts';

adapterCases(null);

const { adapters } = readExpectedSmall();
const caseOf = (name: string) => adapters.find((of) => of.name === name)!;
const renamed = (rename: (name: string) => string) => (tensors: Tensors) => {
  const all = [...tensors].map(([name, tensor]) => [rename(name), tensor] as const);
  tensors.clear();
  for (const [name, tensor] of all) tensors.set(name, tensor);
};
const named = (adapter: string) =>
  renamed((name) =>
    name
      .replace(/(lora_[AB])\.weight$/, `$1.${adapter}.weight`)
      .replace(/(lora_embedding_[AB]|trainable_tokens_delta)$/, `$1.${adapter}`),
  );
const load = async (folder: Folder, base: keyof typeof smallBases = 'plain') => {
  const engine = await smallEngine(smallBases[base](), { adapters: { it: folder } });
  return engine.loadAdapter({ kind: 'directory', path: 'it' }).finally(() => engine.dispose());
};

test.each(['norms', 'tied-lora', 'tokens-tied'])('%s with "default" in its names', async (name) => {
  await expectAdapter(null, caseOf(name), await changedAdapter(name, named('default')));
});

test('numbers of 64 bits', async () => {
  const inF64 = (tensors: Tensors) => {
    for (const [name, { dtype, shape, data }] of tensors) {
      const values = Float64Array.from(decodeFloats(data, dtype, name));
      tensors.set(name, { dtype: 'F64', shape, data: new Uint8Array(values.buffer) });
    }
  };
  await expectAdapter(null, caseOf('tied-lora'), await changedAdapter('tied-lora', inF64));
  await expectAdapter(null, caseOf('bias-all'), await changedAdapter('bias-all', inF64));
});

test('parts for images are skipped and named, the rest is applied', async () => {
  const withVision = (tensors: Tensors) => {
    const matrix = { dtype: 'F32' as const, shape: [2, 2], data: new Uint8Array(16) };
    for (const part of ['A', 'B']) {
      tensors.set(`base_model.model.model.vision_tower.encoder.layers.0.self_attn.q_proj.lora_${part}.weight`, matrix);
      tensors.set(`base_model.model.model.multi_modal_projector.linear_1.lora_${part}.weight`, matrix);
    }
  };
  const folder = await changedAdapter('norms', withVision);
  await expectAdapter(null, caseOf('norms'), folder);
  expect((await load(folder)).skipped).toEqual(['vision_tower', 'multi_modal_projector']);
  const only = await changedAdapter('bias-lora', (tensors) => {
    tensors.clear();
    withVision(tensors);
  });
  await expect(load(only)).rejects.toThrow('no adapter tensor for text, only for vision_tower');
});

test('a saved tied embedding also replaces the head of a tied base, even if the file omits the head', async () => {
  const folder = await changedAdapter(
    'tied-saved',
    (tensors) => void tensors.delete('base_model.model.lm_head.weight'),
  );
  await expectAdapter(null, caseOf('tied-saved'), folder);
});

test.each<[string, string, (name: string) => string, RegExp]>([
  ['without the prefix', 'norms', (name) => name.replace('base_model.model.', ''), /once before every name/],
  ['with it twice', 'norms', (name) => `base_model.model.${name}`, /once before every name/],
  ['of another name', 'norms', (name) => name.replace(/(lora_[AB])/, '$1.legal'), /"legal", stands in it/],
  [
    'of a norm within a head',
    'norms',
    (name) => name.replace('input_layernorm', 'self_attn.q_norm'),
    /before attention/,
  ],
])('names %s are refused, and what was expected is named', async (_, name, rename, hint) => {
  const folder = await changedAdapter(name, renamed(rename), { modules_to_save: [] });
  await expect(load(folder)).rejects.toMatchObject({ hint: expect.stringMatching(hint) as string });
});

test('tensors that do not fit the base are refused by name when the adapter is registered', async () => {
  await expect(load(smallAdapter('bias-all'))).rejects.toThrow(/bias" is a bias, the base model has none there/);
  const beyond = await changedAdapter('tokens', () => undefined, { trainable_token_indices: [1, 2, 3, 60] });
  await expect(load(beyond)).rejects.toThrow(/is for token 60, the base model knows ids below 60/);
  const fewer = await changedAdapter('tokens', () => undefined, { trainable_token_indices: [1, 2] });
  await expect(load(fewer)).rejects.toThrow(/has shape \[4, 16\], but "trainable_token_indices" .* names 2 tokens/);
});

test('replaced norms and tokens cannot be scaled or blended; a bias can', async () => {
  const open = async (base: keyof typeof smallBases, name: string) => {
    const engine = await smallEngine(smallBases[base](), { adapters: { it: smallAdapter(name) } });
    const { id } = await engine.loadAdapter({ kind: 'directory', path: 'it' });
    return { engine, half: engine.logits([3, 4], [{ id, weight: 0.5 }]).finally(() => engine.dispose()) };
  };
  for (const name of ['norms', 'tokens']) {
    await expect((await open('plain', name)).half).rejects.toThrow(/norms or tokens cannot be blended/);
  }
  expect((await (await open('bias', 'bias-all')).half).tokens).toBe(2);
});
