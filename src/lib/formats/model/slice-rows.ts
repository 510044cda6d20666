// Some rows of a tensor as an entry of their own. Rows are contiguous in a file, so this is a change of offsets and reads nothing.

import type { TensorEntry } from './safetensors.ts';

/** Rows [first, first + count) of a tensor; of a vector, elements. */
export function sliceRows(entry: TensorEntry, first: number, count: number): TensorEntry {
  const [rows, ...rest] = entry.shape as [number, ...number[]];
  const rowBytes = (entry.end - entry.start) / rows;
  const start = entry.start + first * rowBytes;
  return { ...entry, shape: [count, ...rest], start, end: start + count * rowBytes };
}
