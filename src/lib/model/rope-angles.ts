// Cosine and sine of every position, computed once in double precision, one table per kind of rotation in the model.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import type { Architecture, Rope } from './architecture.ts';
import { inverseFrequencies } from './inverse-frequencies.ts';

/** The table of each layer; layers that rotate alike share one, layers that do not rotate get an empty one. */
export function createRopeAngles(device: Device, a: Architecture, positions: number): DeviceBuffer[] {
  const tables = new Map<string, DeviceBuffer>();
  return a.plan.map(({ rope }) => {
    const key = JSON.stringify(rope);
    let table = tables.get(key);
    if (!table) {
      const angles = rope ? ropeAngles(rope, a.ropeDim, a.contextLength, positions) : new Float32Array(4);
      table = device.createBuffer('rope angles', angles.byteLength);
      device.write(table, 0, angles);
      tables.set(key, table);
    }
    return table;
  });
}

/** [positions, ropeDim / 2, (cos, sin)], scaled by the rotation's attention factor. */
function ropeAngles(rope: Rope, ropeDim: number, contextLength: number, positions: number): Float32Array<ArrayBuffer> {
  const { frequencies, attentionFactor } = inverseFrequencies(rope, ropeDim, contextLength);
  const angles = new Float32Array(positions * ropeDim);
  for (let position = 0, i = 0; position < positions; position++) {
    for (const frequency of frequencies) {
      angles[i++] = Math.cos(position * frequency) * attentionFactor;
      angles[i++] = Math.sin(position * frequency) * attentionFactor;
    }
  }
  return angles;
}
