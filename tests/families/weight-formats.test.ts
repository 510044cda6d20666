// The small model with its weights in other forms, loaded by the engine. Plain TypeScript kernels.

import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hashFiles } from '#lib/core/hash.ts';
import { decodeFloats } from '#lib/formats/model/floats.ts';
import { float8Values } from '#lib/formats/model/float8.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { encodePackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { packReference } from '#lib/webgpu/kernels/pack/pack.reference.ts';
import { readWeight } from '#lib/webgpu/kernels/shared/weights.ts';
import { openModelFolder } from '#lib/model/sources/open-model.ts';
import { loadText } from '#lib/model/text.ts';
import { openNodeFolder } from '#node/open-folder.ts';
import { readJson } from '../support/fixtures.ts';
import { relativeError } from '../support/golden.ts';
import { readExpectedSmall } from '../support/generation-cases.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { torchArchive } from '../support/torch-archive.ts';
import {
  SMALL_ROOT,
  fuse,
  smallEngine,
  smallModel,
  smallTensors,
  type SmallModel,
  type Tensors,
} from '../support/small-model.ts';

const FORMATS = fileURLToPath(new URL('../fixtures/formats/', import.meta.url));
const { ids } = readExpectedSmall();

async function logitsOf(model: SmallModel): Promise<Float32Array> {
  const engine = await smallEngine(smallModel(model));
  const { data } = await engine.logits(ids);
  await engine.dispose();
  return data;
}

/** Rounds every matrix of the layers to 8 bits under a scale for its whole; stores the bits with the scale, or the rounded values. */
function toFloat8(tensors: Tensors, keep: 'bits' | 'values'): void {
  const table = float8Values('F8_E4M3').slice(0, 127);
  for (const [name, { dtype, shape, data }] of [...tensors]) {
    if (shape.length !== 2 || !name.includes('layers')) continue;
    const values = decodeFloats(data, dtype, name);
    const scale = Math.fround(values.reduce((top, v) => Math.max(top, Math.abs(v)), 0) / 448);
    const bits = Uint8Array.from(values, (v) => {
      const size = Math.abs(v) / scale;
      const above = table.findIndex((step) => step >= size);
      return (above < 0 ? 126 : above) | (v < 0 ? 128 : 0);
    });
    if (keep === 'bits') {
      tensors.set(name, { dtype: 'F8_E4M3', shape, data: bits });
      tensors.set(`${name}_scale_inv`, {
        dtype: 'F32',
        shape: [1, 1],
        data: new Uint8Array(Float32Array.of(scale).buffer),
      });
    } else {
      const rounded = Float32Array.from(bits, (pattern) => table[pattern & 127]! * (pattern & 128 ? -1 : 1) * scale);
      tensors.set(name, { dtype: 'F32', shape, data: new Uint8Array(rounded.buffer) });
    }
  }
}

it.each<[string, object, (tensors: Tensors) => void]>([
  ['a matrix for each projection', {}, () => undefined],
  ['fused matrices', { model_type: 'phi3', partial_rotary_factor: 0.5 }, fuse],
])('8-bit floats with scales compute what their values compute: %s', async (_, config, arrange) => {
  const quantization_config = { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [128, 128] };
  const stored = (keep: 'bits' | 'values') => (tensors: Tensors) => {
    arrange(tensors);
    toFloat8(tensors, keep);
  };
  const expected = await logitsOf({ config, change: stored('values') });
  expect(await logitsOf({ config: { ...config, quantization_config }, change: stored('bits') })).toEqual(expected);
});

/** Rounds every matrix of the layers to 4 bits in blocks, as bitsandbytes stores them; or keeps the rounded values. */
function toFourBits(tensors: Tensors, keep: 'bits' | 'values'): void {
  const map = Float32Array.from({ length: 16 }, (_, i) => Math.fround((i - 7) / 8));
  const f32 = (values: Float32Array<ArrayBuffer>) => ({
    dtype: 'F32' as const,
    shape: [values.length],
    data: new Uint8Array(values.buffer),
  });
  for (const [name, { dtype, shape, data }] of [...tensors]) {
    if (shape.length !== 2 || !name.includes('layers')) continue;
    const values = decodeFloats(data, dtype, name);
    const absmax = new Float32Array(Math.ceil(values.length / 64));
    values.forEach((v, i) => (absmax[i >> 6] = Math.max(absmax[i >> 6]!, Math.abs(v))));
    const numbers = values.map((v, i) => Math.min(15, Math.max(0, Math.round((8 * v) / absmax[i >> 6]!) + 7)));
    if (keep === 'values') {
      const rounded = numbers.map((n, i) => map[n]! * absmax[i >> 6]!);
      tensors.set(name, { ...f32(rounded), shape });
      continue;
    }
    const bytes = Uint8Array.from(
      { length: values.length / 2 },
      (_, i) => (numbers[2 * i]! << 4) | numbers[2 * i + 1]!,
    );
    const state = new TextEncoder().encode(JSON.stringify({ shape, blocksize: 64, quant_type: 'nf4' }));
    tensors.set(name, { dtype: 'U8', shape: [bytes.length, 1], data: bytes });
    tensors.set(`${name}.absmax`, f32(absmax));
    tensors.set(`${name}.quant_map`, f32(map.slice()));
    tensors.set(`${name}.quant_state.bitsandbytes__nf4`, { dtype: 'U8', shape: [state.length], data: state });
  }
}

it.each<[string, object, (tensors: Tensors) => void]>([
  ['a matrix for each projection', {}, () => undefined],
  ['fused matrices', { model_type: 'phi3', partial_rotary_factor: 0.5 }, fuse],
])('packed numbers of 4 bits compute what their values compute: %s', async (_, config, arrange) => {
  const quantization_config = { quant_method: 'bitsandbytes', load_in_4bit: true };
  const stored = (keep: 'bits' | 'values') => (tensors: Tensors) => {
    arrange(tensors);
    toFourBits(tensors, keep);
  };
  const expected = await logitsOf({ config, change: stored('values') });
  expect(await logitsOf({ config: { ...config, quantization_config }, change: stored('bits') })).toEqual(expected);
});

const torchFile = (file?: string) => {
  const storages = { F32: 'FloatStorage', F16: 'HalfStorage', BF16: 'BFloat16Storage' } as const;
  const stored = [...smallTensors(file)].map(([name, { dtype, shape, data }]) => ({
    name,
    shape,
    data,
    storage: storages[dtype as keyof typeof storages],
  }));
  return torchArchive(stored);
};

it('a model and an adapter that PyTorch pickled compute what their safetensors compute', async () => {
  const config = readFileSync(join(SMALL_ROOT, 'adapters/norms/adapter_config.json'), 'utf8');
  const weights = 'adapters/norms/adapter_model.safetensors';
  const adapters = {
    safe: createMemoryFolder(
      'safe',
      new Map<string, Uint8Array | string>([
        ['adapter_config.json', config],
        ['adapter_model.safetensors', new Uint8Array(readFileSync(join(SMALL_ROOT, weights)))],
      ]),
    ),
    pickled: createMemoryFolder(
      'pickled',
      new Map<string, Uint8Array | string>([
        ['adapter_config.json', config],
        ['adapter_model.bin', torchFile(weights)],
      ]),
    ),
  };
  const logits = async (model: SmallModel, path: keyof typeof adapters) => {
    const engine = await smallEngine(smallModel(model), { adapters });
    const { id } = await engine.loadAdapter({ kind: 'directory', path });
    const { data } = await engine.logits(ids, [{ id, weight: 1 }]);
    await engine.dispose();
    return data;
  };
  const pickled = { files: { 'model.safetensors': null, 'pytorch_model.bin': torchFile() } };
  expect(await logits(pickled, 'pickled')).toEqual(await logits({}, 'safe'));
});

describe('a GGUF file that another tool wrote', () => {
  const expected = readJson<Record<string, { ids: number[]; last: number[] }>>(join(FORMATS, 'gguf-expected.json'));
  it.each(Object.keys(expected))('%s gives the logits of its dequantised weights', async (name) => {
    const engine = await smallEngine(openNodeFolder(join(FORMATS, `${name}.gguf`)));
    const { data, vocab } = await engine.logits(expected[name]!.ids);
    await engine.dispose();
    expect(relativeError(data.slice(-vocab), Float32Array.from(expected[name]!.last))).toBeLessThan(2e-4);
  });

  it('is the same model by any of its parts, or by the folder that holds them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'payable-parts-'));
    const names = [1, 2, 3].map((number) => `llama-parts-0000${number}-of-00003.gguf`);
    for (const name of names) copyFileSync(join(FORMATS, name), join(folder, name));
    const readings = [folder, join(folder, names[0]!), join(folder, names[2]!)];
    const hashes = await Promise.all(
      readings.map(async (path) => {
        const opened = await openModelFolder(openNodeFolder(path));
        return hashFiles(opened, ['config.json', 'model.safetensors']);
      }),
    );
    rmSync(folder, { recursive: true });
    expect(new Set(hashes).size).toBe(1);
  });

  it('has its tokenizer, its chat template and its end token', async () => {
    const folder = await openModelFolder(openNodeFolder(join(FORMATS, 'qwen3-q.gguf')));
    const text = await loadText(folder, 262, () => new Date(0));
    const { ids: read, text: prompt } = text.readPrompt({ messages: [{ role: 'user', content: 'hello' }] });
    expect([read, prompt]).toEqual([[259, 261], 'hello<|im_end|>']);
    expect(text.decode([259, 64])).toBe('helloa');
    expect([...text.stopIds]).toEqual([261]);
  });
});

describe('packing what was quantised before', () => {
  const blocks = readJson<Record<string, { values: number[] }>>(join(FORMATS, 'gguf-blocks.json'));
  it.each<[string, WeightDtype]>([
    ['Q8_0', 'q8'],
    ['Q4_0', 'q4'],
    ['Q4_0', 'q8'],
  ])('%s to %s gives every number back', (name, dtype) => {
    const values = Float32Array.from(blocks[name]!.values);
    const groups = values.length / 32;
    const memoryOf = (words: Uint32Array<ArrayBuffer>) => ({ u32: words, f32: new Float32Array(words.buffer) });
    const [weights, scales, faults] = [
      memoryOf(new Uint32Array(2048)),
      memoryOf(new Uint32Array(64)),
      memoryOf(new Uint32Array(2)),
    ];
    const call = { rows: 1, columns: values.length, groups, firstRow: 0, rawAt: 0, format: 'F32', faultAt: 0 } as const;
    const raw = memoryOf(new Uint32Array(values.buffer));
    packReference({ call: memoryOf(encodePackCall(call)), raw, weights, scales, faults }, { dtype });
    // Adding 0 turns the -0 of a negative scale into 0.
    const packed = values.map((_, i) => readWeight(dtype, weights, scales, groups, 0, i) + 0);
    expect(packed).toEqual(values.map((v) => v + 0));
  });
});
