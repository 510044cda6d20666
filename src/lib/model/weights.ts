// A model's weights on the GPU: four stacked matrices a layer, embedding and head, one buffer of vectors.
// It knows which tensor goes where; reading and packing are the loader's.

import type { Folder } from '#lib/core/folder.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { createMatrix, type Matrix } from '#lib/webgpu/matrix.ts';
import type { Architecture } from './architecture.ts';
import type { LayerSlot } from './families/family.ts';
import type { ModelTensors } from './families/resolve-tensors.ts';
import { uploadVectors, type LayerVectors, type VectorName, type VectorOffsets } from './vectors.ts';
import { createWeightLoader, type WeightLoader } from './weight-loader.ts';

export interface LayerWeights {
  qkv: Matrix;
  o: Matrix;
  gateUp: Matrix;
  down: Matrix;
  /** Where its norms and biases begin in the model's vectors. */
  at: VectorOffsets;
}

export interface ModelWeights {
  embedding: Matrix;
  /** The embedding itself where the model ties them. */
  head: Matrix;
  layers: LayerWeights[];
  /** Norm weights and biases of all layers, then the final norm. */
  vectors: DeviceBuffer;
  finalNormAt: number;
  bytes: number;
  destroy(): void;
}

export interface LoadWeightsOptions {
  device: Device;
  folder: Folder;
  architecture: Architecture;
  tensors: ModelTensors;
  dtype: WeightDtype;
  onBytes(bytes: number): void;
  signal?: AbortSignal | undefined;
}

/**
 * Embedding and head are kept one step finer than the rest: an error in the embedding passes through every layer, and one
 * in the head lands on the logits themselves (docs/adr/0005-finer-embeddings.md).
 */
export const TABLE_DTYPE: Record<WeightDtype, WeightDtype> = { f32: 'f32', f16: 'f16', q8: 'f16', q4: 'q8' };

/** Streams every tensor to the GPU; on any failure everything made so far is freed. */
export async function loadWeights(options: LoadWeightsOptions): Promise<ModelWeights> {
  const { device, architecture: a, tensors, dtype } = options;
  const owned: { destroy(): void }[] = [];
  const matrix = (label: string, rows: number, columns: number, as = dtype) => {
    const made = createMatrix(device, label, rows, columns, as);
    owned.push(made);
    return made;
  };
  const count = 4 + tensors.layers.reduce((sum, layer) => sum + Object.keys(layer).length, 0);
  const loader = createWeightLoader({ ...options, tensors: count });
  const destroy = () => {
    for (const thing of owned) thing.destroy();
  };
  try {
    const embedding = matrix('embedding', a.vocab, a.hidden, TABLE_DTYPE[dtype]);
    await loader.fill(embedding, 0, tensors.embedding);
    const matrices: Omit<LayerWeights, 'at'>[] = [];
    const vectors: LayerVectors[] = [];
    for (const [i, tensor] of tensors.layers.entries()) {
      const stack = async (label: string, columns: number, slots: LayerSlot[]) => {
        const entries = slots.map((slot) => tensor[slot]!);
        const stacked = matrix(
          `layer ${i} ${label}`,
          entries.reduce((sum, { shape }) => sum + shape[0]!, 0),
          columns,
        );
        let row = 0;
        for (const entry of entries) {
          await loader.fill(stacked, row, entry);
          row += entry.shape[0]!;
        }
        return stacked;
      };
      const qkv = await stack('qkv', a.hidden, ['q', 'k', 'v']);
      const o = await stack('o', a.heads * a.headDim, ['o']);
      const gateUp = await stack('gate and up', a.hidden, ['gate', 'up']);
      const down = await stack('down', a.ffn, ['down']);
      vectors.push(await layerVectors(loader, a, tensor));
      matrices.push({ qkv, o, gateUp, down });
    }
    const uploaded = uploadVectors(device, vectors, await normVector(loader, a, tensors.finalNorm));
    owned.push(uploaded.buffer);
    const layers = matrices.map((of, i) => ({ ...of, at: uploaded.layers[i]! }));
    let head = embedding;
    if (tensors.head) {
      head = matrix('head', a.vocab, a.hidden, TABLE_DTYPE[dtype]);
      await loader.fill(head, 0, tensors.head);
    }
    await loader.finish();
    const all = [embedding, ...(head === embedding ? [] : [head]), ...matrices.flatMap(Object.values<Matrix>)];
    const bytes = all.reduce((sum, matrix) => sum + matrix.bytes, 0);
    const { buffer, finalNormAt } = uploaded;
    return { embedding, head, layers, vectors: buffer, finalNormAt, bytes, destroy };
  } catch (error) {
    destroy();
    throw error;
  } finally {
    loader.dispose();
  }
}

async function normVector(loader: WeightLoader, a: Architecture, entry: TensorEntry): Promise<Float32Array> {
  const values = await loader.vector(entry);
  return a.normPlusOne ? values.map((v) => v + 1) : values;
}

async function layerVectors(
  loader: WeightLoader,
  a: Architecture,
  tensor: Partial<Record<LayerSlot, TensorEntry>>,
): Promise<LayerVectors> {
  const result: LayerVectors = {};
  for (const name of ['attentionNorm', 'attentionOutNorm', 'ffnNorm', 'ffnOutNorm', 'qNorm', 'kNorm'] as const) {
    const entry = tensor[name];
    if (entry) result[name] = await normVector(loader, a, entry);
  }
  const biases: [VectorName, LayerSlot[]][] = [
    ['qkvBias', ['qBias', 'kBias', 'vBias']],
    ['oBias', ['oBias']],
    ['gateUpBias', ['gateBias', 'upBias']],
    ['downBias', ['downBias']],
  ];
  for (const [name, slots] of biases) {
    const entries = slots.map((slot) => tensor[slot]);
    if (!entries.every((entry) => entry !== undefined)) continue;
    const parts: Float32Array[] = [];
    for (const entry of entries) parts.push(await loader.vector(entry));
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let next = 0;
    for (const part of parts) {
      all.set(part, next);
      next += part.length;
    }
    result[name] = all;
  }
  return result;
}
