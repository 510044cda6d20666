// What metadata of each architecture becomes as config.json, and files that are refused by name.

import { describe, expect, it, test } from 'vitest';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { hashFiles } from '#lib/core/hash.ts';
import { readJsonFile } from '#lib/formats/json/json-file.ts';
import { floatTensor, ggufFile, type Field, type WrittenTensor } from '#tests/support/gguf-writer.ts';
import { openTensors } from '#lib/formats/model/open-tensors.ts';
import { readArchitecture } from '../config.ts';
import { openModelFolder } from './open-model.ts';

const sizes = (architecture: string, layers = 2): Field[] => [
  ['general.architecture', 'text', architecture],
  [`${architecture}.context_length`, 'u32', 131_072],
  [`${architecture}.embedding_length`, 'u32', 16],
  [`${architecture}.block_count`, 'u32', layers],
  [`${architecture}.feed_forward_length`, 'u32', 24],
  [`${architecture}.attention.head_count`, 'u32', 2],
  [`${architecture}.attention.head_count_kv`, 'u32', 1],
  [`${architecture}.attention.key_length`, 'u32', 8],
  [`${architecture}.attention.layer_norm_rms_epsilon`, 'f32', 2 ** -7],
];
const zeros = (name: string, ...shape: number[]): WrittenTensor =>
  floatTensor(name, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
const embedding = zeros('token_embd.weight', 40, 16);
const open = (fields: Field[], tensors: WrittenTensor[] = [embedding]) =>
  openModelFolder(createMemoryFolder('m.gguf', new Map([['model.gguf', ggufFile(fields, tensors)]])));
const architectureOf = async (fields: Field[], tensors?: WrittenTensor[]) =>
  readArchitecture(await open(fields, tensors));

test.each([
  ['llama', 'llama', {}],
  ['qwen2', 'qwen2', { qkvBias: true }],
  ['qwen3', 'qwen3', { qkNorm: 'head' }],
  ['gemma', 'gemma', { normPlusOne: true, activation: 'gelu-tanh' }],
  ['gemma2', 'gemma2', { placement: 'sandwich', attentionSoftcap: 50, logitSoftcap: 30, attentionScale: 8 ** -0.5 }],
  ['gemma3', 'gemma3', { placement: 'sandwich', qkNorm: 'head', attentionScale: 8 ** -0.5 }],
  ['phi3', 'phi3', {}],
])('%s', async (architecture, family, switches) => {
  expect(await architectureOf(sizes(architecture))).toMatchObject({
    family,
    vocab: 40,
    hidden: 16,
    ffn: 24,
    layers: 2,
    heads: 2,
    kvHeads: 1,
    headDim: 8,
    normEps: 2 ** -7,
    contextLength: 131_072,
    tiedHead: true,
    ...switches,
  });
});

test('a head of its own', async () => {
  const tensors = [embedding, zeros('output.weight', 40, 16)];
  expect(await architectureOf(sizes('llama'), tensors)).toMatchObject({ tiedHead: false });
});

describe('rotation', () => {
  const ropeOf = async (fields: Field[], tensors: WrittenTensor[] = []) =>
    (
      await architectureOf(
        [...sizes('llama'), ['llama.rope.freq_base', 'f32', 500_000], ...fields],
        [embedding, ...tensors],
      )
    ).plan[0]!.rope;

  it('of LLaMA 3 is known by its factors', async () => {
    const factors = Float32Array.from({ length: 4 }, (_, i) => {
      const wavelength = 2 * Math.PI * 500_000 ** (i / 4);
      const blend = Math.min(1, Math.max(0, (8192 / wavelength - 1) / 3));
      return 1 / ((1 - blend) / 32 + blend);
    });
    expect(await ropeOf([], [floatTensor('rope_freqs.weight', [4], factors)])).toMatchObject({
      theta: 500_000,
      scaling: {
        type: 'llama3',
        factor: 32,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContextLength: 8192,
      },
    });
    await expect(
      ropeOf(
        [],
        [
          floatTensor(
            'rope_freqs.weight',
            [4],
            factors.map((v, i) => v + i),
          ),
        ],
      ),
    ).rejects.toThrow('not the rotation of a LLaMA 3 model');
  });

  it.each<[string, Field[], object]>([
    ['without scaling', [], { type: 'default' }],
    [
      'that is linear',
      [
        ['llama.rope.scaling.type', 'text', 'linear'],
        ['llama.rope.scaling.factor', 'f32', 4],
      ],
      { type: 'linear', factor: 4 },
    ],
    [
      'of YaRN',
      [
        ['llama.rope.scaling.type', 'text', 'yarn'],
        ['llama.rope.scaling.factor', 'f32', 4],
        ['llama.rope.scaling.original_context_length', 'u32', 32_768],
      ],
      { type: 'yarn', factor: 4, originalContextLength: 32_768 },
    ],
  ])('%s', async (_, fields, scaling) => {
    expect(await ropeOf(fields)).toMatchObject({ scaling });
  });

  it('of Phi-3 has two lists of factors', async () => {
    const lists = ['short', 'long'].map((which, n) =>
      floatTensor(`rope_factors_${which}.weight`, [4], Float32Array.of(1, 2, 3, 4 + n)),
    );
    const fields: Field[] = [
      ['phi3.rope.scaling.original_context_length', 'u32', 4096],
      ['phi3.rope.scaling.attn_factor', 'f32', 1.25],
    ];
    const { plan } = await architectureOf([...sizes('phi3'), ...fields], [embedding, ...lists]);
    expect(plan[0]!.rope!.scaling).toMatchObject({
      type: 'longrope',
      shortFactor: [1, 2, 3, 4],
      longFactor: [1, 2, 3, 5],
      originalContextLength: 4096,
      attentionFactor: 1.25,
    });
  });
});

test('the end tokens and the chat template come from the metadata', async () => {
  const folder = await open([
    ...sizes('llama'),
    ['tokenizer.ggml.model', 'text', 'gpt2'],
    ['tokenizer.ggml.pre', 'text', 'gpt-2'],
    ['tokenizer.ggml.tokens', 'texts', ['a', '<s>', '<eos>', '<eot>']],
    ['tokenizer.ggml.token_type', 'ints', [1, 3, 3, 3]],
    ['tokenizer.ggml.bos_token_id', 'u32', 1],
    ['tokenizer.ggml.eos_token_id', 'u32', 2],
    ['tokenizer.ggml.eot_token_id', 'u32', 3],
    ['tokenizer.chat_template', 'text', '{{ messages }}'],
  ]);
  expect(await readJsonFile(folder, 'generation_config.json')).toEqual({ eos_token_id: [2, 3] });
  expect(await readJsonFile(folder, 'tokenizer_config.json')).toEqual({
    bos_token: '<s>',
    eos_token: '<eos>',
    chat_template: '{{ messages }}',
  });
});

test('the hash of the model is that of its file', async () => {
  const given = createMemoryFolder('m.gguf', new Map([['model.gguf', ggufFile(sizes('llama'), [embedding])]]));
  const folder = await openModelFolder(given);
  expect(await hashFiles(folder, ['config.json', 'model.safetensors'])).toBe(await hashFiles(given, ['model.gguf']));
});

describe('is refused', () => {
  it.each<[string, Field[], WrittenTensor[], RegExp]>([
    ['another architecture', sizes('mamba'), [], /"general\.architecture" is "mamba"/],
    ['no architecture', [], [], /"general\.architecture" is missing/],
    ['an adapter', [...sizes('llama'), ['general.type', 'text', 'adapter']], [], /an adapter, not a model/],
    ['experts', [...sizes('llama'), ['llama.expert_count', 'u32', 8]], [], /has experts/],
    [
      'a model without its other parts',
      [...sizes('llama'), ['split.count', 'u32', 3], ['split.no', 'u32', 0]],
      [],
      /part 2 of 3/,
    ],
    [
      'a later part in place of the first',
      [...sizes('llama'), ['split.count', 'u32', 3], ['split.no', 'u32', 1]],
      [],
      /in place of part 1 of 3 is part 2/,
    ],
    ['a huge number of parts', [...sizes('llama'), ['split.count', 'u32', 2 ** 31]], [], /"split.count" is 2147483648/],
    ['a rotation of part of a head', [...sizes('llama'), ['llama.rope.dimension_count', 'u32', 4]], [], /is 4 of 8/],
    [
      'another rotation',
      [...sizes('llama'), ['llama.rope.scaling.type', 'text', 'su'], ['llama.rope.scaling.factor', 'f32', 2]],
      [],
      /"su"/,
    ],
    [
      'a tensor without a place',
      sizes('llama'),
      [zeros('blk.0.ssm_in.weight', 2, 2)],
      /"blk\.0\.ssm_in\.weight" has no place/,
    ],
    [
      'queries that are no heads',
      sizes('llama'),
      [zeros('blk.0.attn_q.weight', 10, 16)],
      /10 rows, which are not its heads/,
    ],
    [
      'a missing field',
      sizes('llama').filter(([key]) => !key.endsWith('block_count')),
      [],
      /"llama\.block_count" is missing/,
    ],
    [
      'a text as a number',
      [...sizes('llama').slice(0, -1), ['llama.attention.layer_norm_rms_epsilon', 'text', 'x']],
      [],
      /is not a number/,
    ],
  ])('%s', async (_, fields, tensors, message) => {
    await expect(open(fields, [embedding, ...tensors])).rejects.toThrow(message);
  });
});

describe('a model in parts', () => {
  const numbers = (no: number, count = 2, more: Field[] = []): Field[] => [
    ['split.no', 'u32', no],
    ['split.count', 'u32', count],
    ...more,
  ];
  const norm = zeros('output_norm.weight', 16);
  const first = [...sizes('llama'), ...numbers(0, 2, [['split.tensors.count', 'u32', 2]])];
  const parts = (second: Uint8Array) =>
    openModelFolder(
      createMemoryFolder(
        'm.gguf',
        new Map([
          ['model.gguf', ggufFile(first, [embedding])],
          ['model-part-2.gguf', second],
        ]),
      ),
    );

  it('has the tensors of all, and all files in its hash', async () => {
    const folder = await parts(ggufFile(numbers(1), [norm]));
    const { index } = await openTensors(folder);
    expect([...index.keys()]).toEqual(['model.embed_tokens.weight', 'model.norm.weight']);
    expect(folder.origins!('model.safetensors')).toEqual(['model.gguf', 'model-part-2.gguf']);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['in another order', ggufFile(numbers(0), [norm]), /in place of part 2 of 2 is part 1/],
    ['of another model', ggufFile(numbers(1, 3), [norm]), /part 2 belongs to another model/],
    ['with a tensor twice', ggufFile(numbers(1), [embedding]), /two parts have the tensor "token_embd.weight"/],
    ['with a tensor too few', ggufFile(numbers(1)), /the parts have 1 tensors, the first one says 2/],
  ])('is refused %s', async (_, second, message) => {
    await expect(parts(second)).rejects.toThrow(message);
  });
});
