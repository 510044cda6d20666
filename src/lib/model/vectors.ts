// The small f32 vectors of a model (norm weights, biases) as one GPU buffer with named offsets.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import type { NormName } from './families/family.ts';
import type { StackName } from './projections.ts';

type VectorName =
  NormName | `${StackName}Bias` | 'routerBias' | 'inputNorm' | 'layerScale' | 'convolution' | 'convolutionBias';

/** The vectors that a layer has. The biases of a norm follow its weights. */
export type LayerVectors = Partial<Record<VectorName, Float32Array>>;

/** Offsets in elements: multiples of four, as are all widths of a model. */
export type VectorOffsets = Partial<Record<VectorName, number>>;

/** The vectors outside the layers. */
export interface EndVectors {
  finalNorm: Float32Array;
  embeddingNorm: Float32Array | null;
  headBias: Float32Array | null;
}

export interface Vectors {
  buffer: DeviceBuffer;
  layers: VectorOffsets[];
  finalNormAt: number;
  embeddingNormAt: number | null;
  headBiasAt: number | null;
}

export function uploadVectors(device: Device, layers: readonly LayerVectors[], ends: EndVectors): Vectors {
  const all: Float32Array[] = [];
  let length = 0;
  const place = (vector: Float32Array): number => {
    const at = length;
    all.push(vector);
    length += vector.length;
    return at;
  };
  const offsets = layers.map((vectors): VectorOffsets =>
    Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [name, place(vector)])),
  );
  const finalNormAt = place(ends.finalNorm);
  const embeddingNormAt = ends.embeddingNorm && place(ends.embeddingNorm);
  // The last: a vocabulary need not be a multiple of four.
  const headBiasAt = ends.headBias && place(ends.headBias);
  const values = new Float32Array(length);
  let at = 0;
  for (const vector of all) {
    values.set(vector, at);
    at += vector.length;
  }
  const buffer = device.createBuffer('norms and biases', values.byteLength);
  device.write(buffer, 0, values);
  return { buffer, layers: offsets, finalNormAt, embeddingNormAt, headBiasAt };
}
