// What a set of packed weights says of itself: the planes in the order in which they lie, each with its size and hash.

import type { ModelWeights } from '#lib/model/weights.ts';
import type { DeviceBuffer } from '#lib/webgpu/device.ts';

export interface Plane {
  label: string;
  bytes: number;
  sha256: string;
}

const MAX_PLANES = 1 << 16;

export const encodeManifest = (planes: readonly Plane[]): string => JSON.stringify({ planes });

/** Null when it is not whole, or does not describe that many bytes. */
export function parseManifest(text: string, bytes: number): Plane[] | null {
  let planes: unknown;
  try {
    planes = (JSON.parse(text) as { planes?: unknown } | null)?.planes;
  } catch {
    return null;
  }
  if (!Array.isArray(planes) || planes.length > MAX_PLANES || !planes.every(isPlane)) return null;
  return planes.reduce((sum, plane) => sum + plane.bytes, 0) === bytes ? planes : null;
}

function isPlane(value: unknown): value is Plane {
  if (typeof value !== 'object' || value === null) return false;
  const { label, bytes, sha256 } = value as Partial<Plane>;
  return typeof label === 'string' && Number.isSafeInteger(bytes) && bytes! > 0 && /^[0-9a-f]{64}$/.test(sha256 ?? '');
}

/** All planes of a model, in the order of a set. */
export function planesOf({ embedding, head, layers }: Pick<ModelWeights, 'embedding' | 'head' | 'layers'>): {
  label: string;
  buffer: DeviceBuffer;
}[] {
  const matrices = new Set([embedding, head, ...layers.flatMap(({ at: _, ...of }) => Object.values(of))]);
  return [...matrices].flatMap(({ parts }) =>
    parts.flatMap(({ firstRow, weights, scales }) =>
      [weights, scales].map((buffer) => ({ label: labelOf(buffer, firstRow), buffer })),
    ),
  );
}

/** Parts of one matrix share the label of their buffers. */
export const labelOf = ({ label }: DeviceBuffer, firstRow: number): string => `${label} ${firstRow}`;
