// Adapters in the forms of llama.cpp and MLX, opened as the PEFT folder with the same numbers.

import { describe, expect, it, test } from 'vitest';
import { hashFiles } from '#lib/core/hash.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { readAdapter } from '#lib/formats/model/adapter.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import { readSafetensorsHeader } from '#lib/formats/model/model-files.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import { modelPath, openFixture } from '#tests/support/fixtures.ts';
import { floatTensor, ggufFile, type Field, type WrittenTensor } from '#tests/support/gguf-writer.ts';
import { adaptableBase } from '../adaptable-base.ts';
import { readArchitecture } from '../config.ts';
import { openAdapter } from './open-adapter.ts';

const base = { headDim: 4 };
const llama: Field[] = [
  ['general.type', 'text', 'adapter'],
  ['general.architecture', 'text', 'llama'],
  ['adapter.type', 'text', 'lora'],
  ['adapter.lora.alpha', 'f32', 6],
];
const numbers = (name: string, ...shape: number[]): WrittenTensor =>
  floatTensor(
    name,
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  );
const ggufFolder = (fields: Field[], tensors: WrittenTensor[]) =>
  createMemoryFolder('a.gguf', new Map([['model.gguf', ggufFile(fields, tensors)]]));

const mlxFolder = (config: object, tensors: Record<string, [shape: number[], values: number[]]>) =>
  createMemoryFolder(
    'mlx',
    new Map<string, string | Uint8Array>([
      ['adapter_config.json', JSON.stringify(config)],
      [
        'adapters.safetensors',
        encodeSafetensors(
          Object.entries(tensors).map(([name, [shape, values]]) => ({
            name,
            dtype: 'F32',
            shape,
            data: Float32Array.from(values),
          })),
        ),
      ],
    ]),
  );

async function contentOf(folder: ReturnType<typeof createMemoryFolder>) {
  const view = await openAdapter(folder, base);
  const { tensors } = await readSafetensorsHeader(view, 'adapter_model.safetensors');
  const content: Record<string, unknown> = {};
  for (const { name, file, start, end, shape, dtype } of tensors)
    content[name] = [shape, [...decodeFloats(await view.read(file, start, end), dtype, name)]];
  const size = await view.size('adapter_config.json');
  const config = JSON.parse(new TextDecoder().decode(await view.read('adapter_config.json', 0, size))) as object;
  return { view, content, config };
}

test('an adapter of llama.cpp: rows of queries are put back, and each rank is kept', async () => {
  const { content, config } = await contentOf(
    ggufFolder(llama, [
      numbers('blk.1.attn_q.weight.lora_a', 1, 2),
      numbers('blk.1.attn_q.weight.lora_b', 8, 1),
      numbers('blk.0.ffn_down.weight.lora_a', 2, 2),
      numbers('blk.0.ffn_down.weight.lora_b', 2, 2),
    ]),
  );
  expect(content).toEqual({
    'base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight': [
      [1, 2],
      [0, 1],
    ],
    'base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight': [
      [8, 1],
      [0, 2, 1, 3, 4, 6, 5, 7],
    ],
    'base_model.model.model.layers.0.mlp.down_proj.lora_A.weight': [
      [2, 2],
      [0, 1, 2, 3],
    ],
    'base_model.model.model.layers.0.mlp.down_proj.lora_B.weight': [
      [2, 2],
      [0, 1, 2, 3],
    ],
  });
  expect(config).toMatchObject({ r: 1, lora_alpha: 6, rank_pattern: { 'model.layers.0.mlp.down_proj': 2 } });
});

test('an adapter of llama.cpp: its invocation is that of the PEFT adapter', async () => {
  const halves = [numbers('blk.1.attn_q.weight.lora_a', 1, 2), numbers('blk.1.attn_q.weight.lora_b', 8, 1)];
  const { config } = await contentOf(
    ggufFolder([...llama, ['adapter.alora.invocation_tokens', 'ints', [5, 6]]], halves),
  );
  expect(config).toMatchObject({ alora_invocation_tokens: [5, 6] });
  expect((await contentOf(ggufFolder(llama, halves))).config).not.toHaveProperty('alora_invocation_tokens');
});

test('an adapter of llama.cpp: a row of A for each token of the embedding', async () => {
  const { content } = await contentOf(
    ggufFolder(llama, [numbers('token_embd.weight.lora_a', 3, 2), numbers('token_embd.weight.lora_b', 4, 2)]),
  );
  expect(content).toEqual({
    'base_model.model.model.embed_tokens.lora_embedding_A': [
      [2, 3],
      [0, 2, 4, 1, 3, 5],
    ],
    'base_model.model.model.embed_tokens.lora_embedding_B': [
      [4, 2],
      [0, 1, 2, 3, 4, 5, 6, 7],
    ],
  });
});

test('an adapter of MLX: both halves are transposed, and the scale is that of the file', async () => {
  const { content, config, view } = await contentOf(
    mlxFolder(
      { fine_tune_type: 'lora', lora_parameters: { rank: 2, scale: 10, dropout: 0 } },
      {
        'model.layers.0.self_attn.q_proj.lora_a': [
          [3, 2],
          [0, 1, 2, 3, 4, 5],
        ],
        'model.layers.0.self_attn.q_proj.lora_b': [
          [2, 1],
          [7, 8],
        ],
      },
    ),
  );
  expect(content).toEqual({
    'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight': [
      [2, 3],
      [0, 2, 4, 1, 3, 5],
    ],
    'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight': [
      [1, 2],
      [7, 8],
    ],
  });
  expect(config).toMatchObject({ r: 2, lora_alpha: 20, use_dora: false });
  // Another scale is another adapter.
  const scaled = mlxFolder(
    { lora_parameters: { scale: 11 } },
    {
      'model.layers.0.self_attn.q_proj.lora_a': [
        [3, 2],
        [0, 1, 2, 3, 4, 5],
      ],
      'model.layers.0.self_attn.q_proj.lora_b': [
        [2, 1],
        [7, 8],
      ],
    },
  );
  const files = ['adapter_config.json', 'adapter_model.safetensors'];
  expect(await hashFiles(await openAdapter(scaled, base), files)).not.toBe(await hashFiles(view, files));
});

test('ranks and scales of both reach the plan', async () => {
  const architecture = await readArchitecture(openFixture(modelPath('llama2')));
  const { hidden, headDim, heads } = architecture;
  const rows = headDim * heads;
  const plans = [
    ggufFolder(llama, [
      numbers('blk.0.attn_q.weight.lora_a', 2, hidden),
      numbers('blk.0.attn_q.weight.lora_b', rows, 2),
      numbers('blk.1.attn_q.weight.lora_a', 3, hidden),
      numbers('blk.1.attn_q.weight.lora_b', rows, 3),
    ]),
    ggufFolder(
      [...llama.slice(0, 3), ['adapter.lora.alpha', 'f32', 0]],
      [
        numbers('blk.0.attn_q.weight.lora_a', 2, hidden),
        numbers('blk.0.attn_q.weight.lora_b', rows, 2),
        numbers('blk.1.attn_q.weight.lora_a', 3, hidden),
        numbers('blk.1.attn_q.weight.lora_b', rows, 3),
      ],
    ),
    mlxFolder(
      { lora_parameters: { scale: 5 } },
      Object.fromEntries(
        [2, 3].flatMap((rank, layer) => [
          [`model.layers.${layer}.self_attn.q_proj.lora_a`, [[hidden, rank], Array<number>(hidden * rank).fill(1)]],
          [`model.layers.${layer}.self_attn.q_proj.lora_b`, [[rank, rows], Array<number>(rows * rank).fill(1)]],
        ]),
      ),
    ),
  ].map(async (folder) => {
    const view = await openAdapter(folder, architecture);
    return (await readAdapter(view, adaptableBase(architecture))).matrices.map(({ rank, scale }) => [rank, scale]);
  });
  expect(await Promise.all(plans)).toEqual([
    [
      [2, 3],
      [3, 2],
    ],
    [
      [2, 1],
      [3, 1],
    ],
    [
      [2, 5],
      [3, 5],
    ],
  ]);
});

describe('is refused', () => {
  const a = numbers('blk.0.attn_q.weight.lora_a', 1, 2);
  it.each<[string, Parameters<typeof openAdapter>[0], RegExp]>([
    ['a model as an adapter', ggufFolder([['general.architecture', 'text', 'llama']], []), /is not an adapter/],
    [
      'another kind',
      ggufFolder([...llama.slice(0, 2), ['adapter.type', 'text', 'ia3']], []),
      /"adapter\.type" is "ia3"/,
    ],
    [
      'a tensor that is no half',
      ggufFolder(llama, [numbers('blk.0.attn_norm.weight', 2)]),
      /"blk\.0\.attn_norm\.weight" is not part/,
    ],
    ['a module of no model', ggufFolder(llama, [numbers('blk.0.nothing.weight.lora_a', 1, 2)]), /is not part/],
    [
      'halves of different ranks',
      ggufFolder(llama, [a, numbers('blk.0.attn_q.weight.lora_b', 8, 2)]),
      /different ranks/,
    ],
    ['rows that are no heads', ggufFolder(llama, [numbers('blk.0.attn_q.weight.lora_b', 6, 1)]), /rows of whole heads/],
    ['whole weights of MLX', mlxFolder({ fine_tune_type: 'full' }, {}), /"fine_tune_type" is "full"/],
    ['MLX without a scale', mlxFolder({ fine_tune_type: 'lora' }, {}), /no number "scale"/],
    [
      'a vector as a half',
      mlxFolder({ lora_parameters: { scale: 1 } }, { 'm.lora_a': [[2], [1, 2]] }),
      /cannot be transposed/,
    ],
    [
      'another tensor of MLX',
      mlxFolder({ lora_parameters: { scale: 1 } }, { 'm.weight': [[2], [1, 2]] }),
      /"m\.weight" is not part/,
    ],
  ])('%s', async (_, folder, message) => {
    await expect(openAdapter(folder, base)).rejects.toThrow(message);
  });
});
