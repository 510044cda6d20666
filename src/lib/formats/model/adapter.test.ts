// PEFT folders as plans: every golden adapter, and every inconsistency refused by name.

import { describe, expect, test } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { adaptableBase } from '#lib/model/adaptable-base.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { adapterPath, FAMILY_CASES, modelPath, openFixture, readExpected } from '#tests/support/fixtures.ts';
import type { AdaptedMatrix } from './adapter-module.ts';
import { planAdapter, readAdapter } from './adapter.ts';
import { readAdapterConfig } from './adapter-config.ts';
import { checkAdapter } from './check-adapter.ts';
import { createMemoryFolder } from '../memory-folder.ts';
import { encodeSafetensors, parseSafetensors } from './safetensors.ts';

const baseOf = async (name: string) => adaptableBase(await readArchitecture(openFixture(modelPath(name))));
const llama3Base = await baseOf('llama3');

const all = FAMILY_CASES.flatMap((name) => readExpected(name).adapters.map((adapter) => [name, adapter] as const));

test.each(all)('%s/%s fits its base', async (name, adapter) => {
  const base = await baseOf(name);
  const plan = await readAdapter(openFixture(adapterPath(name, adapter)), base);
  checkAdapter(plan, base);
  expect(plan.rank).toBeGreaterThan(0);
});

const llama3 = (adapter: string) => readAdapter(openFixture(adapterPath('llama3', adapter)), llama3Base);

test('kinds, ranks, scales and saved modules', async () => {
  expect(await llama3('lora')).toMatchObject({
    kind: 'lora',
    rank: 4,
    targets: ['q', 'k', 'v', 'o', 'gate', 'up', 'down'],
  });
  expect((await llama3('lora')).matrices.map((m) => m.scale)).toEqual(Array(21).fill(2));
  expect((await llama3('rslora')).matrices[0]).toMatchObject({ layer: 0, target: { name: 'q' }, rank: 16, scale: 1 });
  const dora = await llama3('dora');
  expect(dora.kind).toBe('dora');
  expect(dora.matrices.every((m) => m.magnitude !== null && m.scale === 2)).toBe(true);
  const head = await llama3('head');
  expect(head.saved).toMatchObject({
    embedding: null,
    head: { name: 'base_model.model.lm_head.weight', shape: [308, 64] },
  });
  const layers = await readAdapter(openFixture(adapterPath('qwen2', 'layers')), await baseOf('qwen2'));
  expect(layers.matrices.map((m) => [m.layer, m.target.name])).toEqual([
    [0, 'o'],
    [0, 'up'],
    [2, 'o'],
    [2, 'up'],
  ]);
});

test('rank and alpha patterns', async () => {
  const { matrices } = await llama3('patterns');
  expect(matrices.map((m) => [m.layer, m.target.name, m.rank, m.scale])).toEqual([
    [1, 'q', 2, 3],
    [1, 'down', 6, 32 / 6],
    [2, 'q', 6, 1],
    [2, 'down', 6, 32 / 6],
  ]);
});

const config = { peft_type: 'LORA', r: 2, lora_alpha: 4, bias: 'none' };
const tensor = (name: string, shape: number[]) => ({
  name,
  dtype: 'F32' as const,
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const q = (layer = 0, rank = 2, prefix = 'base_model.model.model.') => [
  tensor(`${prefix}layers.${layer}.self_attn.q_proj.lora_A.weight`, [rank, 8]),
  tensor(`${prefix}layers.${layer}.self_attn.q_proj.lora_B.weight`, [8, rank]),
];
const plan = (fields: object, tensors = q()) =>
  planAdapter(readAdapterConfig({ ...config, ...fields }, 'a/adapter_config.json'), entries(tensors), 'a', llama3Base);
const entries = (tensors: ReturnType<typeof q>) => {
  const bytes = encodeSafetensors(tensors);
  return parseSafetensors(bytes, bytes.length, 'a/adapter_model.safetensors').tensors;
};

test.each(['', 'model.', 'language_model.model.', 'model.language_model.'])('module prefix "%s"', (prefix) => {
  expect(plan({}, q(3, 2, `base_model.model.${prefix}`)).matrices[0]).toMatchObject({
    layer: 3,
    target: { name: 'q' },
    scale: 2,
  });
});

test('unknown and unset fields are ignored', () => {
  expect(
    plan({
      velora_config: { a: 1 },
      lora_dropout: 0.1,
      arrow_config: null,
      megatron_core: 'x',
      trainable_token_indices: [],
    }).kind,
  ).toBe('lora');
});

test('an invocation is part of the plan, and no tokens are none', () => {
  expect(plan({ alora_invocation_tokens: [5, 6], use_rslora: true })).toMatchObject({
    kind: 'rslora',
    invocation: [5, 6],
  });
  for (const none of [[], null]) expect(plan({ alora_invocation_tokens: none }).invocation).toBeNull();
  const beyond = plan({ alora_invocation_tokens: [5, 308] });
  expect(() => checkAdapter({ ...beyond, matrices: [] }, llama3Base)).toThrow(
    /has token 308, the base model knows ids below 308/,
  );
});

test('the first matching pattern wins, at whole names only', () => {
  const scale = (fields: object) => plan(fields).matrices[0]?.scale;
  expect(scale({ alpha_pattern: { proj: 100, q_proj: 8, 'self_attn.q_proj': 16 } })).toBe(4);
  expect(scale({ alpha_pattern: { 'layers\\.[0-3]\\..*': 16, q_proj: 8 } })).toBe(8);
});

describe('a config is refused by name', () => {
  test.each<[string, object, RegExp]>([
    ['another method', { peft_type: 'LOHA' }, /"peft_type" is "LOHA"/],
    ['a bias of a kind', { bias: 'some' }, /"bias" is "some"/],
    ['layer replication', { layer_replication: [[0, 4]] }, /"layer_replication" is set/],
    ['token indices without rows', { trainable_token_indices: [1] }, /"trainable_token_indices" names tokens/],
    ['tokens of another module', { trainable_token_indices: { wte: [1] } }, /names "wte"/],
    ['tokens of text', { trainable_token_indices: ['a'] }, /not a list of token ids/],
    ['target parameters', { target_parameters: ['x'] }, /"target_parameters"/],
    ['an invocation of text', { alora_invocation_tokens: 'go' }, /"alora_invocation_tokens" is "go", not a list/],
    [
      'an invocation of no ids',
      { alora_invocation_tokens: [1, -1] },
      /"alora_invocation_tokens" is \[1,-1\], not a list/,
    ],
    ['a long invocation', { alora_invocation_tokens: Array(257).fill(1) }, /"alora_invocation_tokens" has 257 tokens/],
    ['an invocation of a DoRA', { alora_invocation_tokens: [1], use_dora: true }, /is set together with "use_dora"/],
    ['a config object', { kasa_config: { a: 1 } }, /"kasa_config"/],
    ['transposed weights', { fan_in_fan_out: true }, /"fan_in_fan_out" is true/],
    ['PiSSA', { init_lora_weights: 'pissa_niter_4' }, /"init_lora_weights" is "pissa_niter_4"/],
    ['a saved norm that is not there', { modules_to_save: ['norm'] }, /"modules_to_save" names norm, but/],
    ['a saved head that is not there', { modules_to_save: ['lm_head'] }, /holds no tensor "lm_head.weight"/],
    ['rank zero', { r: 0 }, /"r" is 0/],
    ['a rank of text', { r: '8' }, /"r" is "8"/],
    ['an alpha of text', { lora_alpha: null }, /"lora_alpha" is null/],
    ['a rank beyond the limit', { r: 5000 }, /"r" is 5000/],
    ['a pattern that is no number', { rank_pattern: { q_proj: 1.5 } }, /"rank_pattern": "q_proj" is 1.5/],
    ['a lookahead', { rank_pattern: { '(?=a)a': 2 } }, /"rank_pattern": the pattern "\(\?=a\)a" uses a group/],
    ['patterns that are a list', { alpha_pattern: [1] }, /"alpha_pattern" is not an object/],
    ['a flag of text', { use_dora: 'yes' }, /"use_dora" is "yes"/],
  ])('%s', (_, fields, message) => {
    expect(() => plan(fields)).toThrow(message);
    expect(() => plan(fields)).toThrow(PayableError);
  });
});

test.each<[string, ReturnType<typeof q>, object]>([
  ['a saved head', [...q(), tensor('base_model.model.lm_head.weight', [308, 64])], {}],
  ['a saved norm', [...q(), tensor('base_model.model.model.norm.weight', [64])], {}],
  ['a bias of the base', [...q(), tensor('base_model.model.model.layers.0.self_attn.q_proj.base_layer.bias', [8])], {}],
  [
    'trained tokens',
    [...q(), tensor('base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta', [1, 64])],
    { trainable_token_indices: [3] },
  ],
  [
    'an embedding',
    ['A', 'B'].map((half) =>
      tensor(`base_model.model.model.embed_tokens.lora_embedding_${half}`, half === 'A' ? [2, 308] : [64, 2]),
    ),
    {},
  ],
])('beside an invocation %s is refused: it changes tokens before it', (_, tensors, fields) => {
  expect(plan({ ...fields }, tensors).invocation).toBeNull();
  expect(() => plan({ ...fields, alora_invocation_tokens: [1] }, tensors)).toThrow(
    /changes tokens before the invocation/,
  );
});

describe('a tensor is refused by name', () => {
  const prefix = 'base_model.model.model.layers.0.';
  test.each<[string, ReturnType<typeof q>, object, RegExp]>([
    ['a stranger', [tensor('x', [1])], {}, /tensor "x" is not part/],
    [
      'a bias of a LoRA that has none',
      [...q(), tensor(`${prefix}self_attn.q_proj.lora_B.bias`, [8])],
      {},
      /lora_B.bias" is a bias, but adapter_config.json does not say lora_bias/,
    ],
    [
      'a bias beside a DoRA',
      [...q(), tensor(`${prefix}self_attn.q_proj.base_layer.bias`, [8])],
      { use_dora: true, bias: 'all' },
      /q_proj.base_layer.bias" is not supported/,
    ],
    ['a whole matrix', [...q(), tensor(`${prefix}self_attn.k_proj.weight`, [8, 8])], {}, /k_proj.weight" is not part/],
    [
      'half a LoRA on the embedding',
      [tensor('base_model.model.model.embed_tokens.lora_embedding_A', [2, 9])],
      {},
      /"model.embed_tokens" has no LoRA tensor "B"/,
    ],
    [
      'a DoRA on the head',
      [
        tensor('base_model.model.lm_head.lora_A.weight', [2, 8]),
        tensor('base_model.model.lm_head.lora_B.weight', [9, 2]),
        tensor('base_model.model.lm_head.lora_magnitude_vector', [9]),
      ],
      { use_dora: true },
      /lm_head.lora_magnitude_vector" is a DoRA on the embedding or the head/,
    ],
    [
      'a head both saved and adapted',
      [
        tensor('base_model.model.lm_head.lora_A.weight', [2, 8]),
        tensor('base_model.model.lm_head.lora_B.weight', [9, 2]),
        tensor('base_model.model.lm_head.weight', [9, 8]),
      ],
      { modules_to_save: ['lm_head'] },
      /change the same table/,
    ],
    [
      'another base of a matrix',
      [...q(), tensor(`${prefix}self_attn.q_proj.base_layer.weight`, [8, 8])],
      {},
      /q_proj.base_layer.weight" is not part/,
    ],
    [
      'a LoRA on an unknown matrix',
      [tensor(`${prefix}mlp.experts_proj.lora_A.weight`, [2, 8])],
      {},
      /adapts module "model.layers.0.mlp.experts_proj"/,
    ],
    ['an A without B', q().slice(0, 1), {}, /has no tensor "lora_B.weight"/],
    ['a rank the config does not give', q(0, 3), {}, /do not have the rank 2/],
    ['a rank pattern it does not follow', q(), { rank_pattern: { q_proj: 3 } }, /do not have the rank 3/],
    [
      'a magnitude without DoRA',
      [...q(), tensor(`${prefix}self_attn.q_proj.lora_magnitude_vector`, [8])],
      {},
      /has a "lora_magnitude_vector"/,
    ],
    ['DoRA without a magnitude', q(), { use_dora: true }, /has no "lora_magnitude_vector"/],
    ['one matrix twice', [...q(), ...q(0, 2, 'base_model.model.')], {}, /adapt the same matrix/],
    ['nothing', [], {}, /holds no adapter tensor/],
  ])('%s', (_, tensors, fields, message) => {
    expect(() => plan(fields, tensors)).toThrow(message);
  });
});

describe('another base', () => {
  test('another width', async () => {
    const base = await baseOf('llama2');
    const folder = openFixture(adapterPath('llama3', 'lora'));
    await expect(readAdapter(folder, base).then((p) => checkAdapter(p, base))).rejects.toMatchObject({
      code: 'format/adapter-mismatch',
      message: expect.stringMatching(
        /lora_B.weight" has shape \[128, 4\], the base model's "q" output needs \[64, 4\]/,
      ) as unknown,
      hint: expect.stringContaining('made for another base') as unknown,
    });
  });
  test('another vocabulary and fewer layers', async () => {
    const base = llama3Base;
    const head = await llama3('head');
    expect(() => checkAdapter(head, { ...base, vocab: 309 })).toThrow(/vocabulary needs \[309, 64\]/);
    expect(() => checkAdapter(head, { ...base, layers: 2 })).toThrow(/adapts layer 2, the base model has 2 layers/);
  });
});

test('a folder without its files says which', async () => {
  const open = (files: [string, string][]) => readAdapter(createMemoryFolder('a', new Map(files)), llama3Base);
  await expect(open([])).rejects.toThrow(/no file "adapter_config.json"/);
  await expect(open([['adapter_config.json', '{}']])).rejects.toThrow(/no file "adapter_model.safetensors"/);
  await expect(
    open([
      ['adapter_config.json', '{}'],
      ['adapter_model.bin', ''],
    ]),
  ).rejects.toMatchObject({ hint: expect.stringContaining('Fetch the adapter again') as unknown });
});

describe('a module of several projections', () => {
  const fused = async (change: { b?: number; magnitude?: number } = {}) => {
    const base = await baseOf('phi3');
    const path = 'base_model.model.model.layers.0.self_attn.qkv_proj.';
    const tensors = [
      tensor(`${path}lora_A.weight`, [2, 64]),
      tensor(`${path}lora_B.weight`, [change.b ?? 128, 2]),
      tensor(`${path}lora_magnitude_vector`, [change.magnitude ?? 128]),
    ];
    const read = readAdapterConfig({ ...config, use_dora: true }, 'a/adapter_config.json');
    return { base, plan: planAdapter(read, entries(tensors), 'a', base) };
  };
  test('gives each its rows of B and of the magnitudes, and all of A', async () => {
    const { base, plan: of } = await fused();
    checkAdapter(of, base);
    expect(of.targets).toEqual(['q', 'k', 'v']);
    const [qm, km, vm] = of.matrices as [AdaptedMatrix, AdaptedMatrix, AdaptedMatrix];
    expect([km.a, vm.a]).toEqual([qm.a, qm.a]);
    expect([qm, km, vm].map(({ b }) => b.shape)).toEqual([
      [64, 2],
      [32, 2],
      [32, 2],
    ]);
    expect([km.b.start, vm.b.start]).toEqual([qm.b.end, km.b.end]);
    expect(vm.magnitude!.end - qm.magnitude!.start).toBe(128 * 4);
  });
  test('is refused by name when its rows are not those of the base', async () => {
    await expect(fused({ b: 96 })).rejects.toThrow(
      /qkv_proj.lora_B.weight" has 96 rows, .* self_attn.qkv_proj has 128/,
    );
    await expect(fused({ magnitude: 64 })).rejects.toThrow(/lora_magnitude_vector" has 64 rows/);
  });
  test('exists only in families with fused modules', () => {
    const path = 'base_model.model.model.layers.0.self_attn.qkv_proj.';
    const tensors = [tensor(`${path}lora_A.weight`, [2, 64]), tensor(`${path}lora_B.weight`, [128, 2])];
    expect(() => plan({}, tensors)).toThrow(
      /adapts module "model.layers.0.self_attn.qkv_proj", which is not supported/,
    );
  });
});
