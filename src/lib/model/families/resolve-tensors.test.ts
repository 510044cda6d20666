// Tensor names and shapes of the golden models, under every prefix in use; unknown tensors are refused.

import { expect, test } from 'vitest';
import { readTensorIndex, type TensorIndex } from '#lib/formats/model/model-files.ts';
import { FAMILY_CASES, modelPath, openFixture } from '#tests/support/fixtures.ts';
import { adaptableBase } from '../adaptable-base.ts';
import { readArchitecture } from '../config.ts';
import { projectionsOf, type Projection } from '../projections.ts';
import { resolveTensors, tensorsOf } from './resolve-tensors.ts';

async function load(name: string) {
  const folder = openFixture(modelPath(name));
  return { architecture: await readArchitecture(folder), index: await readTensorIndex(folder) };
}

const renamed = (index: TensorIndex, rename: (name: string) => string): TensorIndex =>
  new Map([...index].map(([name, entry]) => [rename(name), { ...entry, name: rename(name) }]));

test.each(FAMILY_CASES)('%s: every tensor of the file has its place', async (name) => {
  const { architecture, index } = await load(name);
  const tensors = resolveTensors(architecture, index, name);
  expect(tensors.layers.length).toBe(architecture.layers);
  // Biases of a fused matrix have several places.
  expect([...new Set(tensorsOf(tensors).map((t) => t.name))].sort()).toEqual([...index.keys()].sort());
  expect(tensors.head === null).toBe(architecture.tiedHead);
});

test.each([
  ['language_model.model.', 'language_model.lm_head.weight'],
  ['model.language_model.', 'lm_head.weight'],
  ['', 'lm_head.weight'],
])('prefix "%s"', async (prefix, head) => {
  const { architecture, index } = await load('llama2');
  const other = renamed(index, (name) => (name === 'lm_head.weight' ? head : name.replace(/^model\./, prefix)));
  other.set('vision_tower.encoder.weight', { ...index.get('lm_head.weight')!, name: 'vision_tower.encoder.weight' });
  const tensors = resolveTensors(architecture, other, 'm');
  expect(tensors.head?.name).toBe(head);
  expect(tensors.layers[2]?.matrices[0]?.tensor.name).toBe(`${prefix}layers.2.self_attn.q_proj.weight`);
});

test('an untied model without a head reuses its embedding; a saved inv_freq is recomputed', async () => {
  const { architecture, index } = await load('llama2');
  index.delete('lm_head.weight');
  index.set('model.layers.0.self_attn.rotary_emb.inv_freq', index.get('model.norm.weight')!);
  expect(resolveTensors(architecture, index, 'm').head).toBeNull();
});

test('a model whose head is the embedding may have a bias of the head, which must be there', async () => {
  const { architecture, index } = await load('phi');
  index.delete('lm_head.weight');
  expect(resolveTensors(architecture, index, 'm')).toMatchObject({ head: null, headBias: { name: 'lm_head.bias' } });
  index.delete('lm_head.bias');
  expect(() => resolveTensors(architecture, index, 'm')).toThrow('"lm_head.bias" is missing');
});

test('files of the hub without a prefix, with causal masks', async () => {
  const { architecture, index } = await load('gpt2');
  const plain = renamed(index, (name) => name.replace('transformer.', ''));
  const mask = { ...index.get('transformer.wpe.weight')!, dtype: 'BOOL' } as const;
  for (const name of ['bias', 'masked_bias']) plain.set(`h.0.attn.${name}`, mask);
  const { layers, positions } = resolveTensors(architecture, plain, 'm');
  expect(positions!.name).toBe('wpe.weight');
  expect(layers[1]!.matrices[0]).toMatchObject({ tensor: { name: 'h.1.attn.c_attn.weight' }, isTransposed: true });
  plain.set('h.0.attn.c_attn.scale', mask);
  expect(() => resolveTensors(architecture, plain, 'm')).toThrow(/"h.0.attn.c_attn.scale" has no place/);
});

test('rows of interleaved projections are taken group by group', async () => {
  const { architecture, index } = await load('falcon40b');
  const [qkv] = resolveTensors(architecture, index, 'm').layers[0]!.matrices;
  // Two groups of two query heads, a key head and a value head, each with eight rows.
  expect(qkv!.runs).toEqual([
    { from: 0, to: 0, count: 16 },
    { from: 32, to: 16, count: 16 },
    { from: 16, to: 32, count: 8 },
    { from: 48, to: 40, count: 8 },
    { from: 24, to: 48, count: 8 },
    { from: 56, to: 56, count: 8 },
  ]);
});

test('leftover scales of an 8-bit cache are ignored', async () => {
  const { architecture, index } = await load('llama2');
  const norm = index.get('model.norm.weight')!;
  for (const name of ['k_scale', 'v_scale', 'attn.k_scale', 'k_proj.k_scale', 'v_proj.output_scale'])
    index.set(`model.layers.0.self_attn.${name}`, { ...norm, dtype: 'F8_E4M3' });
  expect(resolveTensors(architecture, index, 'm').layers).toHaveLength(3);
});

test('the files of a tied model may hold only the head', async () => {
  const { architecture, index } = await load('llama2');
  index.delete('model.embed_tokens.weight');
  const tensors = resolveTensors({ ...architecture, tiedHead: true }, index, 'm');
  expect([tensors.embedding.name, tensors.head]).toEqual(['lm_head.weight', null]);
  expect(() => resolveTensors(architecture, index, 'm')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('"tie_word_embeddings": true') as unknown }) as Error,
  );
});

test('weights quantised by MLX are named as such', async () => {
  const { architecture, index } = await load('llama2');
  const q = index.get('model.layers.0.self_attn.q_proj.weight')!;
  index.set(q.name, { ...q, dtype: 'U32', shape: [64, 8] });
  for (const part of ['scales', 'biases']) index.set(q.name.replace('weight', part), { ...q, shape: [64, 1] });
  expect(() => resolveTensors(architecture, index, 'm')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('MLX') as unknown }) as Error,
  );
});

test.each<[string, (index: TensorIndex) => void, RegExp]>([
  [
    'a missing matrix',
    (i) => i.delete('model.layers.1.mlp.up_proj.weight'),
    /"model.layers.1.mlp.up_proj.weight" is missing/,
  ],
  ['no embedding', (i) => i.delete('model.embed_tokens.weight'), /"model.embed_tokens.weight" is missing/],
  [
    'a wrong shape',
    (i) => (i.get('model.norm.weight')!.shape = [65]),
    /"model.norm.weight" in model.safetensors has shape \[65\], config.json asks for \[64\]/,
  ],
  ['an integer weight', (i) => (i.get('model.norm.weight')!.dtype = 'I16'), /dtype I16/],
  [
    'a bias the config does not have',
    (i) => i.set('model.layers.0.self_attn.q_proj.bias', i.get('model.norm.weight')!),
    /"model.layers.0.self_attn.q_proj.bias" has no place/,
  ],
  [
    'a layer too many',
    (i) => i.set('model.layers.3.input_layernorm.weight', i.get('model.norm.weight')!),
    /"model.layers.3.input_layernorm.weight" has no place/,
  ],
])('%s is refused', async (_, change, message) => {
  const { architecture, index } = await load('llama2');
  change(index);
  expect(() => resolveTensors(architecture, index, 'm')).toThrow(message);
});

test('a fused matrix is cut into its projections, row by row', async () => {
  const { architecture, index } = await load('phi3');
  const fused = index.get('model.layers.1.self_attn.qkv_proj.weight')!;
  const [qkv] = resolveTensors(architecture, index, 'm').layers[1]!.matrices;
  expect(qkv).toMatchObject({ tensor: fused, stack: 'qkv', isTransposed: false });
  expect(qkv!.runs).toEqual([
    { from: 0, to: 0, count: 64 },
    { from: 64, to: 64, count: 32 },
    { from: 96, to: 96, count: 32 },
  ]);
  index.set(fused.name, { ...fused, shape: [127, 64] });
  expect(() => resolveTensors(architecture, index, 'm')).toThrow(/shape \[127, 64\], config.json asks for \[128, 64\]/);
});

test.each(FAMILY_CASES)('%s: every projection is in one module, in the order of its stack', async (name) => {
  const { architecture } = await load(name);
  const placed = [...adaptableBase(architecture).modules.values()].flat();
  expect(placed.map((of) => of.index).sort((a, b) => a - b)).toEqual(
    projectionsOf(architecture).map(({ index: of }) => of),
  );
  for (const projections of adaptableBase(architecture).modules.values()) {
    const [{ stack, firstRow }] = projections as [Projection];
    let next = firstRow;
    for (const of of projections) {
      expect([of.stack, of.firstRow]).toEqual([stack, next]);
      next += of.output;
    }
  }
});
