// Runs a dispatch on a device and its plain kernel beside it, over the same memory, and says where the two differ.
// It reads only the named parts of buffers, and keeps a copy of each, so that a second dispatch reads nothing twice.

import { halfAt } from '#lib/core/half.ts';
import type { Device, DeviceBuffer, Dispatch } from './device.ts';
import type { Memory } from './kernel.ts';

/** What a buffer holds, for comparing: words must agree in every bit, numbers within rounding, signed bytes within one. */
export type Content = 'words' | 'floats' | 'halves' | 'bytes';

export interface Part {
  /** In bytes, multiples of four. */
  start: number;
  bytes: number;
  /** Where it differs from the rest of the buffer. */
  content?: Content;
}

export interface Replay {
  /** What differs, in words; null when nothing does. */
  run(dispatch: Dispatch): Promise<string | null>;
}

/** Of the greatest value: sums run in another order, nothing more. */
const TOLERANCE = 1e-5;
/** A number at the border between two halves may fall either way. */
const HALF_TOLERANCE = 2 ** -10;

/** `partsOf` names the parts of a buffer that the dispatches can reach; `contentOf` says how to compare it. */
export function createReplay(
  device: Device,
  partsOf: (buffer: DeviceBuffer, name: string) => Part[],
  contentOf: (buffer: DeviceBuffer, name: string) => Content,
): Replay {
  const copies = new Map<DeviceBuffer, Memory>();
  const readInto = async (memory: Memory, buffer: DeviceBuffer, name: string) => {
    const bytes = new Uint8Array(memory.u32.buffer);
    await Promise.all(
      partsOf(buffer, name).map(async (part) => {
        bytes.set(new Uint8Array(await device.read(buffer, part.start, part.bytes)), part.start);
      }),
    );
  };
  const copyOf = async (buffer: DeviceBuffer, name: string): Promise<Memory> => {
    let memory = copies.get(buffer);
    if (!memory) {
      copies.set(buffer, (memory = blank(buffer.bytes)));
      await readInto(memory, buffer, name);
    }
    return memory;
  };
  return {
    async run({ binding, groups }) {
      const { kernel, params } = binding.program;
      const bound = Object.entries(kernel.bindings).map(([name, access]) => ({
        name,
        access,
        buffer: binding.buffers[name]!,
      }));
      const before = await Promise.all(bound.map(({ buffer, name }) => copyOf(buffer, name)));
      device.submit([{ binding, groups }]);
      kernel.reference(Object.fromEntries(bound.map(({ name }, i) => [name, before[i]!])), params, groups);
      const differences = await Promise.all(
        bound.map(async ({ name, access, buffer }, i) => {
          if (access !== 'write') return null;
          const got = blank(buffer.bytes);
          await readInto(got, buffer, name);
          copies.set(buffer, got);
          for (const part of partsOf(buffer, name)) {
            const found = compare(got, before[i]!, part, part.content ?? contentOf(buffer, name));
            if (found) return `${name}, ${found}`;
          }
          return null;
        }),
      );
      return differences.find((difference) => difference !== null) ?? null;
    },
  };
}

function blank(bytes: number): Memory {
  const storage = new ArrayBuffer(bytes);
  return { f32: new Float32Array(storage), u32: new Uint32Array(storage) };
}

function compare(got: Memory, wanted: Memory, { start, bytes }: Part, content: Content): string | null {
  const [first, last] = [start / 4, (start + bytes) / 4];
  if (content === 'words') {
    const at = wanted.u32.subarray(first, last).findIndex((word, i) => got.u32[first + i] !== word);
    return at < 0 ? null : `word ${first + at} is ${got.u32[first + at]}, not ${wanted.u32[first + at]}`;
  }
  const values = ({ f32, u32 }: Memory) => {
    if (content === 'bytes') return Float32Array.from(new Int8Array(u32.buffer, start, bytes));
    if (content === 'floats') return f32.subarray(first, last);
    return Float32Array.from({ length: (last - first) * 2 }, (_, i) => halfAt(u32[first + (i >> 1)]!, i & 1));
  };
  const [a, b] = [values(got), values(wanted)];
  const greatest = b.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const tolerance = content === 'bytes' ? 1 : greatest * (content === 'floats' ? TOLERANCE : HALF_TOLERANCE);
  const at = b.findIndex((value, i) => !(Math.abs(a[i]! - value) <= tolerance));
  return at < 0 ? null : `element ${at} is ${a[at]}, not ${b[at]}`;
}
