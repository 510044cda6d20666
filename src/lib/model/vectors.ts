// The small f32 vectors of a layer (norm weights, biases) as one GPU buffer with named offsets.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';

export const VECTOR_NAMES = [
  /** The norm that opens the next layer, or the final one: it runs where this layer's last branch is added. */
  'nextNorm',
  'attentionOutNorm',
  'ffnNorm',
  'ffnOutNorm',
  'qkvBias',
  'oBias',
  'gateUpBias',
  'downBias',
  'qNorm',
  'kNorm',
] as const;

export type VectorName = (typeof VECTOR_NAMES)[number];

/** Element offsets; 0 where the layer has no such vector. */
export type VectorOffsets = Record<VectorName, number>;

export interface Vectors {
  buffer: DeviceBuffer;
  at: VectorOffsets;
}

export function uploadVectors(
  device: Device,
  label: string,
  values: Partial<Record<VectorName, Float32Array>>,
): Vectors {
  const at = Object.fromEntries(VECTOR_NAMES.map((name) => [name, 0])) as VectorOffsets;
  const length = VECTOR_NAMES.reduce((sum, name) => sum + (values[name]?.length ?? 0), 0);
  const all = new Float32Array(length);
  let next = 0;
  for (const name of VECTOR_NAMES) {
    const vector = values[name];
    if (!vector) continue;
    at[name] = next;
    all.set(vector, next);
    next += vector.length;
  }
  const buffer = device.createBuffer(label, all.byteLength);
  if (length > 0) device.write(buffer, 0, all);
  return { buffer, at };
}
