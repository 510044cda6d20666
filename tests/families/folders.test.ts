// Folders as tools write them, compared with transformers. Plain TypeScript kernels.

import { describe, expect, it, test } from 'vitest';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import { readExpectedSmall, answer } from '../support/generation-cases.ts';
import { relativeError } from '../support/golden.ts';
import {
  encodeTensors,
  readSmall,
  smallEngine,
  smallModel,
  smallTensors,
  type SmallModel,
  type Tensors,
} from '../support/small-model.ts';

const { ids, tables, generation } = readExpectedSmall();
const plain = generation.find(({ name }) => name === 'nothing')!.greedy;
const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

async function computed(of: SmallModel) {
  const engine = await smallEngine(smallModel(of));
  const { data, vocab } = await engine.logits(ids);
  const done = await answer(engine, { prompt: { ids }, maxTokens: 8 });
  await engine.dispose();
  return { last: data.slice(-vocab), greedy: done.ids };
}

describe('a model whose config ties head and embedding', () => {
  it.each<[keyof typeof tables, (tensors: Tensors) => void]>([
    ['different', () => undefined],
    ['equal', (tensors) => tensors.set(HEAD, tensors.get(EMBEDDING)!)],
    [
      'only-head',
      (tensors) => {
        tensors.set(HEAD, tensors.get(EMBEDDING)!);
        tensors.delete(EMBEDDING);
      },
    ],
  ])('and whose tables are %s', async (which, change) => {
    const { last, greedy } = await computed({ config: { tie_word_embeddings: true }, change });
    expect(relativeError(last, Float32Array.from(tables[which].last))).toBeLessThan(2e-4);
    expect(greedy).toEqual(tables[which].greedy);
  });
});

/** The tensors in another number type. */
const inF64 = (tensors: Tensors) => {
  for (const [name, { dtype, shape, data }] of tensors) {
    const values = Float64Array.from(decodeFloats(data, dtype, name));
    tensors.set(name, { dtype: 'F64', shape, data: new Uint8Array(values.buffer) });
  }
};
const bytes = (length: number) => new Uint8Array(length);
const half = (keep: (i: number) => boolean): Tensors => new Map([...smallTensors()].filter((_, i) => keep(i)));
const shards = (map: Record<string, string>, files: Record<string, Tensors>): SmallModel => ({
  files: {
    'model.safetensors': null,
    'model.safetensors.index.json': JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }),
    ...Object.fromEntries(Object.entries(files).map(([name, tensors]) => [name, encodeTensors(tensors)])),
  },
});

test.each<[string, SmallModel]>([
  ['numbers of 64 bits', { change: inF64 }],
  [
    'unused tensors of other types',
    {
      change: (tensors) => {
        tensors.set('model.layers.0.self_attn.k_scale', { dtype: 'F8_E4M3', shape: [1], data: bytes(1) });
        tensors.set('model.layers.1.self_attn.rotary_emb.inv_freq', { dtype: 'F64', shape: [4], data: bytes(32) });
        tensors.set('position_ids', { dtype: 'I64', shape: [2], data: bytes(16) });
        tensors.set('unused', { dtype: 'F4', shape: [3, 2], data: bytes(3) });
      },
    },
  ],
  [
    'infinities in its config',
    {
      files: {
        'config.json': JSON.stringify({ ...(readSmall('config.json') as object), limits: 1 }).replace(
          '"limits":1',
          '"limits":[0.0,Infinity,NaN,-Infinity]',
        ),
      },
    },
  ],
  [
    'what bitsandbytes leaves behind',
    { config: { quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: false, load_in_8bit: false } } },
  ],
  [
    'an index that is wrong about everything but the names of its shards',
    shards(
      { [EMBEDDING]: 'the second.safetensors', 'model.nothing.weight': 'a.safetensors' },
      { 'a.safetensors': half((i) => i < 12), 'the second.safetensors': half((i) => i > 8) },
    ),
  ],
  [
    'fields that are null',
    { config: { rope_scaling: null, attention_bias: false, quantization_config: null, head_dim: 8 } },
  ],
])('a folder with %s', async (_, of) => {
  expect((await computed(of)).greedy).toEqual(plain.slice(0, 8));
});
