// A matrix of packed whole numbers as one of 32-bit floats. What a format needs beside the numbers (scales, zeros, an order of
// columns) is read once and kept until another tensor is read, so that one tensor's share is in memory at a time.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError } from '../../errors.ts';
import { decodeFloats } from '../floats.ts';
import type { TensorEntry } from '../safetensors.ts';
import type { ViewedTensor } from '../tensor-view.ts';

/** More is refused: GPTQ and AWQ store a matrix by columns, so all of it is in memory while its rows are written. */
const MAX_BYTES = 256 << 20;

/** The rows [first, end) as floats, one behind the other. */
export type RowReader = (first: number, end: number, signal?: AbortSignal) => Promise<Float32Array<ArrayBuffer>>;

export interface PackedMatrix {
  name: string;
  rows: number;
  columns: number;
  open(signal?: AbortSignal): Promise<RowReader>;
}

/** The rows of the matrix that was read last. */
export interface PackedSlot {
  name: string | null;
  reader: Promise<RowReader> | null;
}

export function viewPacked(slot: PackedSlot, { name, rows, columns, open }: PackedMatrix): ViewedTensor {
  const readerOf = (signal?: AbortSignal): Promise<RowReader> => {
    if (slot.name === name && slot.reader) return slot.reader;
    const reader = open(signal);
    Object.assign(slot, { name, reader });
    // A read that was stopped or failed says nothing about the next.
    reader.catch(() => {
      if (slot.reader === reader) Object.assign(slot, { name: null, reader: null });
    });
    return reader;
  };
  const rowBytes = 4 * columns;
  return {
    name,
    dtype: 'F32',
    shape: [rows, columns],
    async read(start, end, signal) {
      const reader = await readerOf(signal);
      const first = Math.floor(start / rowBytes);
      const values = await reader(first, Math.ceil(end / rowBytes), signal);
      return new Uint8Array(values.buffer).subarray(start - first * rowBytes, end - first * rowBytes);
    },
  };
}

export async function readBytes(
  folder: Folder,
  { name, file, start, end }: TensorEntry,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (end - start > MAX_BYTES)
    throw new FormatError(
      `${folder.name}/${file}`,
      `tensor "${name}" has ${end - start} packed bytes; at most ${MAX_BYTES} are read`,
    );
  return folder.read(file, start, end, signal);
}

/** A tensor of 32-bit words, signed ones as their bits. */
export const readWords = async (folder: Folder, entry: TensorEntry, signal?: AbortSignal): Promise<Uint32Array> =>
  new Uint32Array((await readBytes(folder, entry, signal)).slice().buffer);

export const readFloats = async (folder: Folder, entry: TensorEntry, signal?: AbortSignal): Promise<Float32Array> =>
  decodeFloats(await readBytes(folder, entry, signal), entry.dtype, entry.name);
