// A range of rows of a tensor as a separate entry. Rows are contiguous in a file, so only offsets change.

import type { TensorEntry } from './safetensors.ts';

/** Rows of one tensor; in pieces where they do not follow each other. */
export interface TensorRows extends TensorEntry {
  pieces?: readonly TensorEntry[];
}

export interface RowRange {
  first: number;
  count: number;
}

/** Rows [first, first + count) of a tensor; elements of a vector. */
export function sliceRows(entry: TensorEntry, first: number, count: number): TensorEntry {
  const [rows, ...rest] = entry.shape as [number, ...number[]];
  const rowBytes = (entry.end - entry.start) / rows;
  const start = entry.start + first * rowBytes;
  return { ...entry, shape: [count, ...rest], start, end: start + count * rowBytes };
}

/** The rows of all ranges, in their order. */
export function takeRows(entry: TensorEntry, ranges: readonly RowRange[]): TensorRows {
  const pieces = ranges.map(({ first, count }) => sliceRows(entry, first, count));
  if (pieces.length === 1) return pieces[0]!;
  const rows = ranges.reduce((sum, { count }) => sum + count, 0);
  return { ...entry, shape: [rows, ...entry.shape.slice(1)], pieces };
}

/** Which rows of a fused matrix belong to each projection: its rows come in groups with an equal share of every projection. */
export function fusedRows(outputs: readonly number[], groups: number): RowRange[][] {
  if (outputs.length === 1) return [[{ first: 0, count: outputs[0]! }]];
  const group = outputs.reduce((sum, output) => sum + output, 0) / groups;
  let before = 0;
  return outputs.map((output) => {
    const count = output / groups;
    const ranges = Array.from({ length: groups }, (_, i) => ({ first: i * group + before, count }));
    before += count;
    return ranges;
  });
}
