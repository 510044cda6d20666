// A model whose matrices have the values that a format of eight or four bits keeps of them, as f32.
// Tables are kept one step finer (docs/adr/0005).

import type { Folder } from '#lib/core/folder.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { readSafetensorsHeader } from '#lib/formats/model/model-files.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import { readTensor } from '#lib/model/lora.ts';
import { TABLE_DTYPE } from '#lib/model/weights.ts';
import { encodePackCall } from '#lib/webgpu/kernels/pack/pack.ts';
import { packReference } from '#lib/webgpu/kernels/pack/pack.reference.ts';
import { readWeight } from '#lib/webgpu/kernels/shared/weights.ts';

const TABLES = /\b(embed_tokens|lm_head)\./;
const FILE = 'model.safetensors';

export async function dequantisedModel(model: Folder, dtype: WeightDtype): Promise<Folder> {
  const tensors = [];
  for (const entry of (await readSafetensorsHeader(model, FILE)).tensors) {
    const values = await readTensor(model, entry);
    const [rows, columns] = entry.shape;
    const data =
      columns === undefined
        ? values
        : kept(values, rows!, columns, TABLES.test(entry.name) ? TABLE_DTYPE[dtype] : dtype);
    tensors.push({ name: entry.name, shape: entry.shape, dtype: 'F32' as const, data: Float32Array.from(data) });
  }
  const config = await model.read('config.json', 0, await model.size('config.json'));
  const files = { 'config.json': config, [FILE]: encodeSafetensors(tensors) };
  return createMemoryFolder('dequantised', new Map(Object.entries(files)));
}

function kept(values: ArrayLike<number>, rows: number, columns: number, dtype: WeightDtype): Float32Array {
  const memory = (words: number) => {
    const u32 = new Uint32Array(words);
    return { u32, f32: new Float32Array(u32.buffer) };
  };
  const groups = Math.ceil(columns / 32);
  const elements = Math.ceil(rows / 8) * 8 * groups * 32;
  const [weights, scales, faults, raw] = [memory(elements), memory(elements), memory(2), memory(values.length)];
  raw.f32.set(values);
  const call = { rows, columns, groups, firstRow: 0, rawAt: 0, format: 'F32', faultAt: 0 } as const;
  const words = encodePackCall(call);
  packReference({ call: { u32: words, f32: new Float32Array(words.buffer) }, raw, weights, scales, faults }, { dtype });
  return Float32Array.from(values, (_, i) =>
    readWeight(dtype, weights, scales, groups, Math.floor(i / columns), i % columns),
  );
}
