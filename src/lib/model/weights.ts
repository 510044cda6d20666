// A model's weights on the GPU: the stacked matrices of each layer, embedding, head, and one buffer of vectors. `weight-loader.ts`
// reads and packs.

import type { Folder } from '#lib/core/folder.ts';
import type { TensorRows } from '#lib/formats/model/slice-rows.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { createMatrix, type Matrix } from '#lib/webgpu/matrix.ts';
import type { Architecture } from './architecture.ts';
import { atLayer } from './at-layer.ts';
import { joinVectors } from './join-vectors.ts';
import type { LayerTensors, ModelTensors } from './families/resolve-tensors.ts';
import { expertMatricesOf, layerHas, stacksOf, type ExpertMatrixName, type StackName } from './projections.ts';
import { uploadVectors, type LayerVectors, type VectorOffsets } from './vectors.ts';
import { createWeightLoader, wholeMatrix, type WeightLoader } from './weight-loader.ts';

/** Those that the layer has: `layerHas`. */
export interface LayerWeights extends Partial<Record<StackName | ExpertMatrixName, Matrix>> {
  /** Offsets of its norms and biases in the model's vectors. */
  at: VectorOffsets;
}

export interface ModelWeights {
  embedding: Matrix;
  /** Same as the embedding when the model ties them. */
  head: Matrix;
  layers: LayerWeights[];
  /** Norms and biases of all layers, then those outside the layers. */
  vectors: DeviceBuffer;
  finalNormAt: number;
  embeddingNormAt: number | null;
  headBiasAt: number | null;
  /** [context, hidden]; null where positions are not learned. */
  positions: DeviceBuffer | null;
  /** [vocab, layers * width]; null where layers get nothing beside the stream. */
  layerInputs: Matrix | null;
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
  /** Default: the one that reads and packs. */
  createLoader?: typeof createWeightLoader;
}

/**
 * Embedding and head are stored one step finer than the rest: an error in the embedding passes through every layer, and an error
 * in the head changes the logits directly (docs/adr/0005-finer-embeddings.md).
 */
export const TABLE_DTYPE: Record<WeightDtype, WeightDtype> = { f32: 'f32', f16: 'f16', q8: 'f16', q4: 'q8' };

/** Streams every tensor to the GPU; on failure frees everything allocated so far. */
export async function loadWeights(options: LoadWeightsOptions): Promise<ModelWeights> {
  const { device, architecture: a, tensors, dtype, createLoader = createWeightLoader } = options;
  const owned: { destroy(): void }[] = [];
  const matrix = (label: string, rows: number, columns: number, as = dtype) => {
    const made = createMatrix(device, label, rows, columns, as);
    owned.push(made);
    return made;
  };
  const count = 3 + tensors.layers.reduce((sum, { matrices }) => sum + matrices.length, 0);
  const loader = createLoader({ ...options, tensors: count });
  const destroy = () => {
    for (const thing of owned) thing.destroy();
  };
  try {
    const embedding = matrix('embedding', a.vocab, a.hidden, TABLE_DTYPE[dtype]);
    await loader.fill(embedding, wholeMatrix(tensors.embedding));
    const matrices: Omit<LayerWeights, 'at'>[] = [];
    const vectors: LayerVectors[] = [];
    for (const [i, tensor] of tensors.layers.entries()) {
      const filled = async (name: StackName | ExpertMatrixName, rows: number, input: number, as = dtype) => {
        const stacked = matrix(`layer ${i} ${name}`, rows, input, as);
        for (const of of tensor.matrices) if (of.stack === name) await loader.fill(stacked, of);
        return stacked;
      };
      const of: Omit<LayerWeights, 'at'> = {};
      const { qkv, o, ...others } = stacksOf(atLayer(a, i));
      for (const { name, rows, input } of [qkv, o, ...Object.values(others)])
        if (layerHas(a, i, name)) of[name] = await filled(name, rows, input);
      if (a.experts?.isSparse[i]) {
        for (const [name, { rows, input }] of Object.entries(expertMatricesOf(a.experts, a.hidden)))
          // A router is small, and an error in it would choose other experts.
          of[name as ExpertMatrixName] = await filled(
            name as ExpertMatrixName,
            rows,
            input,
            name === 'router' ? 'f32' : dtype,
          );
      }
      matrices.push(of);
      vectors.push(await layerVectors(loader, a, tensor, i));
    }
    const { embeddingNorm, headBias, positions: table } = tensors;
    const {
      layers: at,
      buffer,
      ...places
    } = uploadVectors(device, vectors, {
      finalNorm: await normVector(loader, a, tensors.finalNorm, tensors.finalNormBias),
      embeddingNorm: embeddingNorm && (await normVector(loader, a, embeddingNorm, tensors.embeddingNormBias)),
      headBias: headBias && (await loader.vector(headBias)),
    });
    owned.push(buffer);
    let positions: DeviceBuffer | null = null;
    if (table) {
      const values = await loader.vector(table);
      positions = device.createBuffer('positions', values.byteLength);
      owned.push(positions);
      device.write(positions, 0, values);
    }
    // Each part of a row is read by one layer only, so an error in it is no worse than one in that layer's weights.
    const layerInputs = tensors.layerInputs && matrix('layer inputs', a.vocab, a.layers * a.layerInput!);
    if (layerInputs) await loader.fill(layerInputs, wholeMatrix(tensors.layerInputs!));
    const layers = matrices.map((of, i) => ({ ...of, at: at[i]! }));
    let head = embedding;
    if (tensors.head) {
      head = matrix('head', a.vocab, a.hidden, TABLE_DTYPE[dtype]);
      await loader.fill(head, wholeMatrix(tensors.head));
    }
    await loader.finish();
    const all = [embedding, ...(head === embedding ? [] : [head]), ...matrices.flatMap(Object.values<Matrix>)];
    if (layerInputs) all.push(layerInputs);
    const bytes = all.reduce((sum, matrix) => sum + matrix.bytes, 0);
    return { embedding, head, layers, vectors: buffer, ...places, positions, layerInputs, bytes, destroy };
  } catch (error) {
    destroy();
    throw error;
  } finally {
    loader.dispose();
  }
}

/** Its weights, and behind them its biases where it has any. */
async function normVector(
  loader: WeightLoader,
  a: Architecture,
  entry: TensorRows,
  biases: TensorRows | null | undefined,
): Promise<Float32Array> {
  const stored = await loader.vector(entry);
  const values = a.normPlusOne ? stored.map((v) => v + 1) : stored;
  return biases ? joinVectors([values, await loader.vector(biases)]) : values;
}

async function layerVectors(
  loader: WeightLoader,
  a: Architecture,
  { vectors: tensor }: LayerTensors,
  layer: number,
): Promise<LayerVectors> {
  const result: LayerVectors = {};
  for (const name of [
    'attentionNorm',
    'attentionOutNorm',
    'ffnNorm',
    'ffnOutNorm',
    'qNorm',
    'kNorm',
    'qLatentNorm',
    'kvLatentNorm',
    'inputNorm',
    'inputOutNorm',
  ] as const) {
    const entry = tensor[name];
    if (entry) result[name] = await normVector(loader, a, entry, name === 'inputNorm' ? null : tensor[`${name}Bias`]);
  }
  for (const { name, rows, projections } of Object.values(stacksOf(atLayer(a, layer)))) {
    if (!layerHas(a, layer, name) || !projections.every(({ hasBias }) => hasBias)) continue;
    const all = (result[`${name}Bias`] = new Float32Array(rows));
    for (const { name: of, firstRow } of projections) all.set(await loader.vector(tensor[`${of}Bias`]!), firstRow);
  }
  for (const name of ['routerBias', 'layerScale', 'convolution', 'convolutionBias'] as const) {
    const entry = tensor[name];
    if (!entry) continue;
    // Widths of vectors are multiples of four.
    const values = await loader.vector(entry);
    const placed = (result[name] = new Float32Array(Math.ceil(values.length / 4) * 4));
    placed.set(values);
  }
  return result;
}
