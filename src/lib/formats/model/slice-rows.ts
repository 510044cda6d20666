// A range of rows of a tensor as a separate entry. Rows are contiguous in a file, so only offsets change.

import type { TensorEntry } from './safetensors.ts';

/** Rows [first, first + count) of a tensor; elements of a vector. */
export function sliceRows(entry: TensorEntry, first: number, count: number): TensorEntry {
  const [rows, ...rest] = entry.shape as [number, ...number[]];
  const rowBytes = (entry.end - entry.start) / rows;
  const start = entry.start + first * rowBytes;
  return { ...entry, shape: [count, ...rest], start, end: start + count * rowBytes };
}
