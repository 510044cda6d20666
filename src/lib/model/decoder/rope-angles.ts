// Cosine and sine of every position, computed in double precision, one table per kind of rotation in the model.
// Where the rotation depends on the length of the sequence, a generated token at position p is rotated as in a sequence of p + 1 tokens,
// and all tokens of a prompt as in a sequence of the prompt's length. So such a table begins with the first kind and has room for some prompts.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import type { Architecture, Rope } from '../architecture.ts';
import { atLayer, widest } from '../at-layer.ts';
import { inverseFrequencies, lengthThatMatters } from './inverse-frequencies.ts';

export interface RopeAngles {
  /** The table of each layer; layers that rotate alike share one, layers that do not rotate have an empty one. */
  tables: DeviceBuffer[];
  /** By layer: prompts have tables of their own. */
  hasPrompts: boolean[];
  /** Places for prompts that need one. */
  places: number;
  /** Prompts up to this length need no place. */
  freeLength: number;
  /** Writes the angles of a prompt of `length` tokens. @returns the position at which they begin */
  write(place: number, length: number): number;
}

/** Memory for places beyond the first. */
const PLACE_BYTES = 64 << 20;
const MAX_PLACES = 8;

export function createRopeAngles(device: Device, a: Architecture, positions: number): RopeAngles {
  const originals = a.plan.map(({ rope }) => (rope ? lengthThatMatters(rope.scaling) : null));
  const freeLength = Math.min(positions, ...originals.map((length) => length ?? Infinity));
  /** Every place takes as much as that of the widest rotation. */
  const { ropeDim: most } = widest(a);
  const tableBytes = positions * most * 4;
  const places = freeLength === positions ? 0 : Math.min(MAX_PLACES, Math.max(1, Math.floor(PLACE_BYTES / tableBytes)));
  const made = new Map<string, { rope: Rope | null; ropeDim: number; table: DeviceBuffer }>();
  const tables = a.plan.map(({ rope }, layer) => {
    const { ropeDim } = atLayer(a, layer);
    const key = JSON.stringify([rope, ropeDim]);
    let known = made.get(key);
    if (!known) {
      const size = rope === null ? 16 : tableBytes * (originals[layer] === null ? 1 : 1 + places);
      known = { rope, ropeDim, table: device.createBuffer('rope angles', size) };
      if (rope)
        device.write(
          known.table,
          0,
          ropeAngles(rope, ropeDim, positions, (position) => position + 1),
        );
      made.set(key, known);
    }
    return known.table;
  });
  return {
    tables,
    hasPrompts: originals.map((length) => places > 0 && length !== null),
    places,
    freeLength,
    write(place, length) {
      const first = (1 + place) * positions;
      for (const { rope, ropeDim, table } of made.values()) {
        if (!rope || lengthThatMatters(rope.scaling) === null) continue;
        device.write(
          table,
          first * ropeDim * 4,
          ropeAngles(rope, ropeDim, length, () => length),
        );
      }
      return first;
    },
  };
}

/** [positions, ropeDim / 2, (cos, sin)], scaled by the rotation's attention factor. */
function ropeAngles(
  rope: Rope,
  ropeDim: number,
  positions: number,
  lengthAt: (position: number) => number,
): Float32Array<ArrayBuffer> {
  const angles = new Float32Array(positions * ropeDim);
  const original = lengthThatMatters(rope.scaling);
  let { frequencies, attentionFactor } = inverseFrequencies(rope, ropeDim, lengthAt(0));
  for (let position = 0, i = 0; position < positions; position++) {
    if (original !== null && lengthAt(position) > original)
      ({ frequencies, attentionFactor } = inverseFrequencies(rope, ropeDim, lengthAt(position)));
    for (const frequency of frequencies) {
      angles[i++] = Math.cos(position * frequency) * attentionFactor;
      angles[i++] = Math.sin(position * frequency) * attentionFactor;
    }
  }
  return angles;
}
