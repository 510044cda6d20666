// Weights of one byte (8-bit floats, whole numbers) as 32-bit floats: each value times the scale of its block, its row or its tensor,
// as the file has it. The scales are read for this and then no longer appear; what else the files hold is passed on.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError, UnsupportedError } from '../errors.ts';
import { float8Values, isFloat8, type Float8 } from './float8.ts';
import { decodeFloats } from './floats.ts';
import type { TensorIndex } from './model-files.ts';
import type { TensorDtype, TensorEntry } from './safetensors.ts';
import { createTensorView, storedTensor, type ViewedTensor } from './tensor-view.ts';

/** Beside `x.weight`. Both are multiplied: the first name is DeepSeek's, whose "inv" is that of the division that made the weights. */
const SCALES = ['_scale_inv', '_scale'];
/** Beside `x.weight` of whole numbers that bitsandbytes wrote: what 127 stands for, by row. */
const GREATEST = 'SCB';
/** The last is an exponent alone. */
const SCALE_TYPES = new Set(['F32', 'F16', 'BF16', 'F8_E8M0']);
const USUAL_BLOCK = 128;

/** How many rows and columns share a scale, and how many scales a row of blocks has. */
interface Blocks {
  rows: number;
  columns: number;
  across: number;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

interface Scale {
  entry: TensorEntry;
  /** The scale is a whole number's value divided by it. */
  of: number;
}

const stemOf = (name: string): string => name.replace(/weight$/, '');

function scaleOf(index: TensorIndex, name: string): Scale | null {
  const greatest = name.endsWith('weight') ? index.get(stemOf(name) + GREATEST) : undefined;
  if (greatest) return { entry: greatest, of: 127 };
  const entry = SCALES.map((ending) => index.get(name + ending)).find((scale) => scale !== undefined);
  return entry ? { entry, of: 1 } : null;
}

/** Whole numbers only where a scale stands beside them. */
const isScaled = (index: TensorIndex, { name, dtype }: TensorEntry): boolean =>
  isFloat8(dtype) || (dtype === 'I8' && scaleOf(index, name) !== null);

export const hasScaledBytes = (index: TensorIndex): boolean =>
  [...index.values()].some((entry) => isScaled(index, entry));

/** A view of the folder whose `file` holds the tensors of `index`, those of one byte a number as floats. */
export function viewScaledBytes(folder: Folder, index: TensorIndex, file: string): Folder {
  const consumed = new Set<string>();
  const floats = new Map<string, ViewedTensor>();
  for (const entry of index.values()) {
    if (!isScaled(index, entry)) continue;
    const scale = scaleOf(index, entry.name);
    if (scale) consumed.add(scale.entry.name);
    if (index.has(`${entry.name}_zero_point`)) {
      throw new UnsupportedError(
        `${folder.name}/${entry.file}`,
        `tensor "${entry.name}_zero_point" moves the zero of whole numbers, which is not read`,
        'Use the checkpoint in 16 bits, or one with symmetric weights.',
      );
    }
    // Those of the activations, which are computed in 32 bits here, and bitsandbytes' number of its layout, of which it writes one.
    for (const ending of ['input_scale', 'activation_scale', 'weight_format'])
      consumed.add(stemOf(entry.name) + ending);
    floats.set(entry.name, floatTensor(folder, entry, scale));
  }
  const kept = [...index.values()].filter(({ name }) => !consumed.has(name));
  return createTensorView(folder, {
    file,
    tensors: kept.map((entry) => floats.get(entry.name) ?? storedTensor(folder, entry)),
    origins: [...new Set([...index.values()].map((entry) => entry.file))].sort(),
  });
}

function floatTensor(folder: Folder, entry: TensorEntry, scale: Scale | null): ViewedTensor {
  const scales = scale?.entry;
  const values = valuesOf(entry.dtype);
  const columns = Math.max(1, entry.shape.length > 1 ? sizeOf(entry.shape.slice(1)) : (entry.shape[0] ?? 1));
  let read: Promise<Float32Array> | null = null;
  const readScales = ({ file, start, end, dtype, name }: TensorEntry, signal?: AbortSignal) => {
    const reading = (read ??= folder
      .read(file, start, end, signal)
      .then((bytes) => decodeScales(bytes, dtype, name).map((value) => value / scale!.of)));
    // A read that was stopped or failed says nothing about the next.
    reading.catch(() => (read = null));
    return reading;
  };
  return {
    name: entry.name,
    dtype: 'F32',
    shape: entry.shape,
    async read(start, end, signal) {
      // Here and not before, so that only tensors that the model needs can be refused.
      const blocks = scales && blocksOf(folder, entry, scales);
      const from = Math.floor(start / 4);
      const to = Math.ceil(end / 4);
      const bits = await folder.read(entry.file, entry.start + from, entry.start + to, signal);
      const out = new Float32Array(bits.length);
      for (let i = 0; i < bits.length; i++) out[i] = values[bits[i]!]!;
      if (scales && blocks) scaleRange(out, from, columns, blocks, await readScales(scales, signal));
      return new Uint8Array(out.buffer).subarray(start - 4 * from, end - 4 * from);
    },
  };
}

const valuesOf = (dtype: TensorDtype): Float32Array =>
  dtype === 'I8' ? Float32Array.from({ length: 256 }, (_, bits) => (bits << 24) >> 24) : float8Values(dtype as Float8);

const decodeScales = (bytes: Uint8Array, dtype: TensorDtype, name: string): Float32Array =>
  dtype === 'F8_E8M0'
    ? Float32Array.from(bytes, (bits) => (bits === 255 ? NaN : 2 ** (bits - 127)))
    : decodeFloats(bytes, dtype, name);

/** Multiplies values that begin at element `from` of a matrix, a run within one block at a time. */
function scaleRange(out: Float32Array, from: number, columns: number, blocks: Blocks, factors: Float32Array): void {
  for (let i = 0; i < out.length;) {
    const row = Math.floor((from + i) / columns);
    const column = (from + i) % columns;
    const across = Math.floor(column / blocks.columns);
    const factor = factors[Math.floor(row / blocks.rows) * blocks.across + across]!;
    const run = Math.min(columns, (across + 1) * blocks.columns) - column;
    for (const end = Math.min(out.length, i + run); i < end; i++) out[i]! *= factor;
  }
}

/** The scales' shape says what they are for: the tensor, its rows, or blocks of it. */
function blocksOf(folder: Folder, { name, shape }: TensorEntry, scales: TensorEntry): Blocks {
  const fail = (what: string): never => {
    throw new FormatError(`${folder.name}/${scales.file}`, `tensor "${scales.name}" ${what}`, {
      hint: 'The scales belong to other weights, or were made by a tool whose layout is not read here; use the checkpoint in 16 bits.',
    });
  };
  if (!SCALE_TYPES.has(scales.dtype))
    return fail(`has dtype ${scales.dtype}; scales are ${[...SCALE_TYPES].join(', ')}`);
  const rows = shape.length > 1 ? shape[0]! : 1;
  const columns = sizeOf(shape) / Math.max(1, rows);
  const count = sizeOf(scales.shape);
  if (count === 1) return { rows: Math.max(1, rows), columns: Math.max(1, columns), across: 1 };
  if (shape.length === 2 && scales.shape.length <= 2) {
    const [down, across = 1] = scales.shape as [number, number?];
    if (down === rows && across === 1) return { rows: 1, columns, across: 1 };
    if (scales.shape.length === 2) {
      const ofRows = sideOf(rows, down);
      const ofColumns = sideOf(columns, across);
      if (ofRows !== null && ofColumns !== null) return { rows: ofRows, columns: ofColumns, across };
    }
  }
  return fail(`has shape [${scales.shape.join(', ')}], which divides "${name}" [${shape.join(', ')}] into no blocks`);
}

/** The power of two that cuts `size` into `count` blocks; only where there is one block do several, and then they are the same. */
function sideOf(size: number, count: number): number | null {
  const sides = [USUAL_BLOCK, 1, 2, 4, 8, 16, 32, 64, 256, 512, 1024, size];
  return sides.find((side) => side > 0 && Math.ceil(size / side) === count) ?? null;
}
