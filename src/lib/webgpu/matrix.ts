// How a weight matrix [rows, columns] lies in GPU memory: one plane of packed weights, one of f16 scales.
// It knows addresses; the kernels that read and write these planes are `linear`, `embed`, `pack` and `dora`.
//
// Rows are cut into tiles of 8 and columns into groups of 32. Within a tile the rows are interleaved, so that
// neighbouring lanes, which work on neighbouring rows, read neighbouring 16-byte words:
//   word(row, group, v) = ((row / 8 * groups + group) * vectorsPerGroup + v) * 8 + row % 8     (vec4 units)
//   half(row, group)    = (row / 8 * groups + group) * 8 + row % 8                             (f16 units)

import { GROUP, type WeightDtype } from '#lib/core/tensor.ts';
import type { Device, DeviceBuffer } from './device.ts';

/** Rows that are interleaved. */
export const TILE = 8;

/** 16-byte words that hold one group of 32 weights. */
export const VECTORS_PER_GROUP: Record<WeightDtype, number> = { f32: 8, f16: 4, q8: 2, q4: 1 };

/** One piece of a matrix that fits a single binding. */
export interface MatrixPart {
  firstRow: number;
  rows: number;
  weights: DeviceBuffer;
  scales: DeviceBuffer;
}

export interface Matrix {
  readonly label: string;
  readonly rows: number;
  readonly columns: number;
  /** Groups of 32 in a padded row. */
  readonly groups: number;
  readonly dtype: WeightDtype;
  readonly parts: readonly MatrixPart[];
  readonly bytes: number;
  destroy(): void;
}

/** Columns rounded up to whole groups: the stride of every activation row, in elements. */
export function padded(columns: number): number {
  return Math.ceil(columns / GROUP) * GROUP;
}

/** Where four neighbouring columns of an f32 matrix lie, in vec4 units; `vectors`: those of a padded row. */
export const floatsAt = (row: number, vector: number, vectors: number): number =>
  (Math.floor(row / TILE) * vectors + vector) * TILE + (row % TILE);

/** Allocates the planes, cut into parts by rows where one binding could not hold them. */
export function createMatrix(device: Device, label: string, rows: number, columns: number, dtype: WeightDtype): Matrix {
  const groups = padded(columns) / GROUP;
  const bytesPerTile = groups * VECTORS_PER_GROUP[dtype] * 16 * TILE;
  const rowsPerPart = Math.floor(device.maxBindingBytes / bytesPerTile) * TILE;
  const quantised = dtype === 'q8' || dtype === 'q4';
  const parts: MatrixPart[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += rowsPerPart) {
    const count = Math.min(rowsPerPart, rows - firstRow);
    const tiles = Math.ceil(count / TILE);
    parts.push({
      firstRow,
      rows: count,
      weights: device.createBuffer(`${label} weights`, tiles * bytesPerTile),
      scales: device.createBuffer(`${label} scales`, quantised ? tiles * groups * TILE * 2 : 16),
    });
  }
  const destroy = () => {
    for (const { weights, scales } of parts) {
      weights.destroy();
      scales.destroy();
    }
  };
  const bytes = parts.reduce((sum, { weights, scales }) => sum + weights.bytes + scales.bytes, 0);
  return { label, rows, columns, groups, dtype, parts, bytes, destroy };
}
