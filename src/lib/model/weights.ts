// A model's weights on the GPU: four stacked matrices per layer, embedding, head, and one buffer of vectors. `weight-loader.ts`
// reads and packs.

import type { Folder } from '#lib/core/folder.ts';
import type { TensorEntry } from '#lib/formats/model/safetensors.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { createMatrix, type Matrix } from '#lib/webgpu/matrix.ts';
import type { Architecture } from './architecture.ts';
import type { LayerSlot, ModelTensors } from './families/resolve-tensors.ts';
import { stacksOf, type Stack, type StackName } from './projections.ts';
import { uploadVectors, type LayerVectors, type VectorOffsets } from './vectors.ts';
import { createWeightLoader, type WeightLoader } from './weight-loader.ts';

export interface LayerWeights extends Record<StackName, Matrix> {
  /** Offsets of its norms and biases in the model's vectors. */
  at: VectorOffsets;
}

export interface ModelWeights {
  embedding: Matrix;
  /** Same as the embedding when the model ties them. */
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
 * Embedding and head are stored one step finer than the rest: an error in the embedding passes through every layer, and an error
 * in the head changes the logits directly (docs/adr/0005-finer-embeddings.md).
 */
export const TABLE_DTYPE: Record<WeightDtype, WeightDtype> = { f32: 'f32', f16: 'f16', q8: 'f16', q4: 'q8' };

/** Streams every tensor to the GPU; on failure frees everything allocated so far. */
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
    const stacks = stacksOf(a);
    for (const [i, tensor] of tensors.layers.entries()) {
      const stack = async ({ name, rows, input, projections }: Stack) => {
        const stacked = matrix(`layer ${i} ${name}`, rows, input);
        for (const { name: slot, firstRow } of projections) await loader.fill(stacked, firstRow, tensor[slot]!);
        return stacked;
      };
      const { qkv, o, gateUp, down } = stacks;
      matrices.push({
        qkv: await stack(qkv),
        o: await stack(o),
        gateUp: await stack(gateUp),
        down: await stack(down),
      });
      vectors.push(await layerVectors(loader, a, tensor));
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
  for (const { name, rows, projections } of Object.values(stacksOf(a))) {
    if (!projections.every(({ hasBias }) => hasBias)) continue;
    const all = (result[`${name}Bias`] = new Float32Array(rows));
    for (const { name: of, firstRow } of projections) all.set(await loader.vector(tensor[`${of}Bias`]!), firstRow);
  }
  return result;
}
