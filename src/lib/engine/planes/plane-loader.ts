// Loads a model's matrices from a set of packed planes: a read, a hash and a write each, and nothing to compute. Vectors are small
// and come from the model's own files.

import type { IHasher } from 'hash-wasm';
import { AbortedError } from '#lib/core/errors.ts';
import { readVector, type WeightLoader, type WeightLoaderOptions } from '#lib/model/weight-loader.ts';
import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import { labelOf, type Plane } from './plane-manifest.ts';
import type { PlaneSet } from './plane-store.ts';

const PIECE = 8 << 20;

/** The set is not what its manifest says, or is one for another device: it has to be made again. */
export class DamagedPlanes extends Error {}

/** `hash`: for this loader alone while it is used. */
export function createPlaneLoader(
  { device, folder, signal, onBytes }: WeightLoaderOptions,
  set: PlaneSet,
  planes: readonly Plane[],
  hash: IHasher,
): WeightLoader {
  let next = 0;
  const places = new Map<string, Plane & { start: number }>();
  for (const plane of planes) {
    places.set(plane.label, { ...plane, start: next });
    next += plane.bytes;
  }
  const filled = new Set<Matrix>();
  const fillPlane = async (buffer: DeviceBuffer, label: string) => {
    const place = places.get(label);
    if (place?.bytes !== buffer.bytes) throw new DamagedPlanes(`no plane for ${label}`);
    hash.init();
    for (let at = 0; at < place.bytes; at += PIECE) {
      if (signal?.aborted) throw new AbortedError(signal.reason);
      const end = Math.min(place.bytes, at + PIECE);
      const bytes = await set.read(place.start + at, place.start + end);
      if (bytes.byteLength !== end - at) throw new DamagedPlanes(`${label} is too short`);
      hash.update(bytes);
      device.write(buffer, at, bytes);
      onBytes(bytes.byteLength);
    }
    if (hash.digest('hex') !== place.sha256) throw new DamagedPlanes(`${label} is damaged`);
  };
  return {
    // Called once for each tensor of a matrix.
    async fill(matrix) {
      if (filled.has(matrix)) return;
      filled.add(matrix);
      for (const { firstRow, weights, scales } of matrix.parts)
        for (const buffer of [weights, scales]) await fillPlane(buffer, labelOf(buffer, firstRow));
    },
    vector: (entry) => readVector(folder, entry, (file, start, end) => folder.read(file, start, end, signal)),
    finish: () => device.settle(),
    dispose: () => undefined,
  };
}
