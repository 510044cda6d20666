// Every export is read back: the same matrices, ranks and scales, and for a merged model the weights that PEFT's formulas give.

import { describe, expect, it, test } from 'vitest';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import type { Folder } from '#lib/core/folder.ts';
import { readTensorIndex } from '#lib/formats/model/model-files.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import { adapterPath, modelPath, openFixture, readJson } from '#tests/support/fixtures.ts';
import { writtenExport } from '#tests/support/export-folder.ts';
import { readArchitecture } from '../config.ts';
import { readTensor } from '../lora.ts';
import { openAdapterSource } from './adapter-source.ts';
import { exportGguf } from './gguf-export.ts';
import { exportMerged } from './merged-export.ts';
import { exportMlx } from './mlx-export.ts';
import { exportPeft } from './peft-export.ts';

const input = (model: string, adapter: string) => ({
  model: openFixture(modelPath(model)),
  adapter: openFixture(adapterPath(model, adapter)),
});

/** By module: scale times B times A with its magnitude, to which every form of an adapter comes down. */
async function deltasOf(model: Folder, adapter: Folder): Promise<Map<string, number[]>> {
  const { modules, folder } = await openAdapterSource({ model, adapter });
  const deltas = new Map<string, number[]>();
  for (const { name, rank, scale, a, b, magnitude } of modules) {
    const [left, right] = [await readTensor(folder, b), await readTensor(folder, a)];
    const width = a.shape[1]!;
    const sums = Array.from({ length: Math.min(200, b.shape[0]! * width) }, (_, at) => {
      const [row, column] = [Math.floor(at / width), at % width];
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += left[row * rank + r]! * right[r * width + column]!;
      return sum * scale;
    });
    deltas.set(name, [...sums, ...(magnitude ? await readTensor(folder, magnitude) : [])]);
  }
  return deltas;
}

function expectClose(got: Map<string, number[]>, wanted: Map<string, number[]>) {
  expect([...got.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [name, values] of wanted) {
    const greatest = Math.max(...values.map(Math.abs));
    values.forEach((value, i) => expect(Math.abs(got.get(name)![i]! - value)).toBeLessThanOrEqual(1e-6 * greatest));
  }
}

describe('an adapter is read back with the same change of every module', () => {
  const toPeft = [exportPeft, {}] as const;
  const toMlx = [exportMlx, {}] as const;
  const toGguf = [exportGguf, { 'adapter.gguf': 'model.gguf' }] as const;
  it.each([
    ['llama3', 'lora', toPeft],
    ['llama3', 'dora', toPeft],
    ['llama3', 'patterns', toPeft],
    ['falcon40b', 'lora', toPeft],
    ['llama3', 'rslora', toMlx],
    ['llama3', 'dora', toMlx],
    ['llama3', 'patterns', toMlx],
    ['gpt2', 'lora', toMlx],
    ['phi3', 'lora', toMlx],
    ['llama3', 'lora', toGguf],
    ['llama3', 'patterns', toGguf],
    ['gemma3', 'lora', toGguf],
    ['phi3', 'lora', toGguf],
  ] as const)('%s %s', async (model, adapter, [make, names]) => {
    const given = input(model, adapter);
    const { folder } = await writtenExport(await make(given), names);
    const wanted = await deltasOf(given.model, given.adapter);
    expectClose(await deltasOf(given.model, folder), wanted);
    // And from there to PEFT.
    const again = await writtenExport(await exportPeft({ model: given.model, adapter: folder }));
    expectClose(await deltasOf(given.model, again.folder), wanted);
  });
});

test('a folder of PEFT keeps names, fields and bytes, and says its base', async () => {
  const given = input('llama3', 'dora');
  const made = await exportPeft({ ...given, baseName: 'owner/"name"' });
  const { files, folder, progress } = await writtenExport(made);
  const source = await readTensorIndexOf(given.adapter);
  const written = await readTensorIndexOf(folder);
  expect([...written.keys()].sort()).toEqual([...source.keys()].sort());
  expect(textOf(files, 'README.md')).toContain('base_model: "owner/\\"name\\""\nlibrary_name: peft');
  expect(JSON.parse(textOf(files, 'adapter_config.json'))).toEqual({
    ...readJson<object>(`${adapterPath('llama3', 'dora')}/adapter_config.json`),
    base_model_name_or_path: 'owner/"name"',
  });
  const { doneBytes, totalBytes } = progress.at(-1)!;
  expect(doneBytes).toBe(totalBytes);
  expect([...files.values()].reduce((sum, { length }) => sum + length, 0)).toBe(totalBytes);
});

test('an adapter of MLX gets the names of transformers, and modules that not all layers have are named whole', async () => {
  const again = async (model: string, adapter: string) => {
    const given = input(model, adapter);
    const mlx = await writtenExport(await exportMlx(given));
    const peft = await writtenExport(await exportPeft({ model: given.model, adapter: mlx.folder }));
    const config = JSON.parse(textOf(peft.files, 'adapter_config.json')) as { target_modules: string[] };
    return { names: [...(await readTensorIndexOf(peft.folder)).keys()], config };
  };
  const gpt2 = await again('gpt2', 'lora');
  expect(gpt2.names).toContain('base_model.model.transformer.h.1.mlp.c_proj.lora_B.weight');
  expect(gpt2.config).toMatchObject({ fan_in_fan_out: true, peft_type: 'LORA', task_type: 'CAUSAL_LM' });
  expect(gpt2.config.target_modules.sort()).toEqual(['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj']);
  const { config } = await again('qwen2', 'layers');
  expect(config.target_modules).toContain('model.layers.0.mlp.up_proj');
  expect(config.target_modules).not.toContain('mlp.up_proj');
});

describe('a merged model has the weights of W + scale B A', () => {
  it.each([
    ['llama3', 'lora', 'model.layers.1.self_attn.q_proj'],
    ['falcon40b', 'lora', 'transformer.h.0.self_attention.query_key_value'],
    ['phi3', 'lora', 'model.layers.0.mlp.gate_up_proj'],
  ])('%s %s', async (model, adapter, module) => {
    const given = input(model, adapter);
    const base = await weightOf(given.model, module);
    const merged = await weightOf((await writtenExport(await exportMerged({ ...given, dtype: 'F32' }))).folder, module);
    const delta = await deltaAt(given, module);
    for (let i = 0; i < 200; i++) expect(merged[i]).toBeCloseTo(base[i]! + delta[i]!, 5);
    expect(delta.some((value) => Math.abs(value) > 1e-3)).toBe(true);
  });

  test('with a matrix that is stored transposed', async () => {
    const given = input('gpt2', 'lora');
    const module = 'transformer.h.0.attn.c_attn';
    const [base, delta] = [await weightOf(given.model, module), await deltaAt(given, module)];
    const merged = await weightOf((await writtenExport(await exportMerged({ ...given, dtype: 'F32' }))).folder, module);
    // Row 1 of the delta is column 1 of the stored matrix.
    const { hidden } = await readArchitecture(given.model);
    for (let k = 0; k < hidden; k++) {
      const at = k * 3 * hidden + 1;
      expect(merged[at]).toBeCloseTo(base[at]! + delta[hidden + k]!, 5);
    }
  });

  test('with DoRA every row has its trained length', async () => {
    const given = input('llama3', 'dora');
    const { modules, folder } = await openAdapterSource(given);
    const { path, magnitude } = modules[0]!;
    const wanted = await readTensor(folder, magnitude!);
    const merged = await weightOf((await writtenExport(await exportMerged({ ...given, dtype: 'F32' }))).folder, path);
    const width = merged.length / wanted.length;
    wanted.forEach((length, row) => {
      const values = merged.slice(row * width, (row + 1) * width);
      expect(Math.hypot(...values)).toBeCloseTo(length, 4);
    });
  });
});

test('a head adapter on a tied base unties it and says so; one saved embedding leaves the head as it was', async () => {
  const head = await exportMerged({ ...input('llama3', 'head'), dtype: null });
  expect(head.notes).toHaveLength(1);
  const untied = await writtenExport(head);
  expect(JSON.parse(textOf(untied.files, 'config.json'))).toMatchObject({ tie_word_embeddings: false });
  const [embedding, lmHead] = [
    await weightOf(untied.folder, 'model.embed_tokens'),
    await weightOf(untied.folder, 'lm_head'),
  ];
  const base = await weightOf(openFixture(modelPath('llama3')), 'model.embed_tokens');
  expect(embedding).toEqual(base);
  expect(lmHead).not.toEqual(base);

  const given = input('gemma3', 'embedsaved');
  const saved = await writtenExport(await exportMerged({ ...given, dtype: null }));
  expect(await weightOf(saved.folder, 'lm_head')).toEqual(await weightOf(given.model, 'model.embed_tokens'));
});

test('merged weights in f16 come in files of a bounded size with an index, and the config keeps its floats', async () => {
  const made = await exportMerged({ ...input('llama3', 'lora'), maxFileBytes: 100_000 });
  const { folder, files } = await writtenExport(made);
  const index = JSON.parse(textOf(files, 'model.safetensors.index.json')) as { weight_map: Record<string, string> };
  const shards = new Set(Object.values(index.weight_map));
  expect(shards.size).toBeGreaterThan(1);
  for (const shard of shards) expect(files.get(shard)!.length).toBeLessThan(110_000);
  const tensors = await readTensorIndex(folder);
  expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
  expect(Object.keys(index.weight_map).sort()).toEqual([...tensors.keys()].sort());
  expect(textOf(files, 'config.json')).toContain('"rope_theta": 500000.0');
  expect(textOf(files, 'config.json')).toContain('"torch_dtype": "float16"');
});

test('an adapter with invocation tokens keeps them for PEFT and llama.cpp, and is not merged', async () => {
  const config = readJson<object>(`${adapterPath('llama3', 'lora')}/adapter_config.json`);
  const changed = { 'adapter_config.json': JSON.stringify({ ...config, alora_invocation_tokens: [5, 6] }) };
  const given = {
    model: openFixture(modelPath('llama3')),
    adapter: openFixture(adapterPath('llama3', 'lora'), changed),
  };
  const gguf = await writtenExport(await exportGguf(given), { 'adapter.gguf': 'model.gguf' });
  for (const { folder } of [gguf, await writtenExport(await exportPeft(given))])
    expect((await openAdapterSource({ model: given.model, adapter: folder })).plan.invocation).toEqual([5, 6]);
  await expect(exportMerged(given)).rejects.toThrow(/merged weights apply to all tokens/);
  await expect(exportMlx(given)).rejects.toThrow(/invocation tokens \(aLoRA\), which an adapter of MLX cannot hold/);
});

test('a bias of an adapter is merged where the base has one, and refused where it has none', async () => {
  const withBias = async (model: string) => {
    const config = { peft_type: 'LORA', r: 1, lora_alpha: 2, lora_bias: true };
    const base = openFixture(modelPath(model));
    const { hidden } = await readArchitecture(base);
    const module = 'model.layers.0.self_attn.q_proj';
    const rows = (await readTensorIndex(base)).get(`${module}.weight`)!.shape[0]!;
    const filled = (name: string, ...shape: number[]) => {
      const data = new Float32Array(shape.reduce((all, side) => all * side)).fill(0.5);
      return { name: `base_model.model.${module}.${name}`, dtype: 'F32' as const, shape, data };
    };
    const weights = encodeSafetensors([
      filled('lora_A.weight', 1, hidden),
      filled('lora_B.weight', rows, 1),
      filled('lora_B.bias', rows),
    ]);
    const files = { 'adapter_config.json': JSON.stringify(config), 'adapter_model.safetensors': weights };
    return { model: base, adapter: createMemoryFolder('bias', new Map(Object.entries<string | Uint8Array>(files))) };
  };
  const given = await withBias('qwen2');
  const { folder } = await writtenExport(await exportMerged({ ...given, dtype: 'F32' }));
  const biasOf = async (model: Folder) =>
    readTensor(model, (await readTensorIndex(model)).get('model.layers.0.self_attn.q_proj.bias')!);
  const [base, merged] = [await biasOf(given.model), await biasOf(folder)];
  base.forEach((value, i) => expect(merged[i]).toBeCloseTo(value + 2 * 0.5, 5));
  await expect(exportMerged(await withBias('llama3'))).rejects.toThrow(
    /"layers\.0\.self_attn\.q_proj\.bias", which the files of the base do not hold/,
  );
});

describe('is refused by name', () => {
  it.each([
    ['a DoRA for llama.cpp', exportGguf, 'llama3', 'dora', /is a DoRA, which a LoRA file of llama\.cpp cannot hold/],
    ['a saved head for llama.cpp', exportGguf, 'llama3', 'head', /tensor "base_model\.model\.lm_head\.weight"/],
    ['a family without a GGUF form', exportGguf, 'gpt2', 'lora', /of the family "gpt2" is not written/],
    ['a saved head for MLX', exportMlx, 'llama3', 'head', /which an adapter of MLX cannot hold/],
    ['a family that mlx-lm names otherwise', exportMlx, 'falcon40b', 'lora', /family "falcon"/],
    [
      'a head on a tied base for MLX',
      exportMlx,
      'gemma3',
      'tables',
      /"model\.embed_tokens" but not the head that the base ties to it|of a base with a tied head/,
    ],
  ] as const)('%s', async (_, make, model, adapter, message) => {
    await expect(make(input(model, adapter))).rejects.toThrow(message);
  });

  test('an adapter of another base', async () => {
    const given = { model: openFixture(modelPath('qwen2')), adapter: openFixture(adapterPath('llama3', 'lora')) };
    await expect(exportMerged(given)).rejects.toThrow(/shape|rows/);
  });

  test('a weight too great for f16, when its tensor is written', async () => {
    const model = openFixture(modelPath('gpt2'));
    const tensors = await Promise.all(
      [...(await readTensorIndex(model)).values()].map(async (entry) => ({
        ...entry,
        data: await model.read(entry.file, entry.start, entry.end),
      })),
    );
    new Float32Array(tensors.find(({ name }) => name.endsWith('ln_f.weight'))!.data.buffer)[0] = 70_000;
    const great = openFixture(modelPath('gpt2'), { 'model.safetensors': encodeSafetensors(tensors) });
    const adapter = openFixture(adapterPath('gpt2', 'lora'));
    const made = await exportMerged({ model: great, adapter });
    await expect(writtenExport(made)).rejects.toThrow(/"transformer\.ln_f\.weight".*is too great for f16/);
  });
});

test('an export that is cancelled stops before the next piece', async () => {
  const stop = new AbortController();
  const made = await exportMerged(input('llama3', 'lora'));
  const weights = made.files.find(({ path }) => path === 'model.safetensors')!;
  const pieces = weights.pieces(stop.signal)[Symbol.asyncIterator]();
  await pieces.next();
  stop.abort(new Error('stopped'));
  await expect(pieces.next()).rejects.toThrow('stopped');
});

const textOf = (files: ReadonlyMap<string, Uint8Array>, path: string) => new TextDecoder().decode(files.get(path));

async function readTensorIndexOf(adapter: Folder) {
  const size = await adapter.size('adapter_model.safetensors');
  const bytes = await adapter.read('adapter_model.safetensors', 0, size);
  return readTensorIndex(createMemoryFolder('a', new Map([['model.safetensors', bytes]])));
}

async function weightOf(model: Folder, module: string): Promise<Float32Array> {
  return readTensor(model, (await readTensorIndex(model)).get(`${module}.weight`)!);
}

async function deltaAt({ model, adapter }: ReturnType<typeof input>, module: string): Promise<number[]> {
  const { modules } = await openAdapterSource({ model, adapter });
  const { name } = modules.find(({ path }) => path === module)!;
  return (await deltasOf(model, adapter)).get(name)!;
}
