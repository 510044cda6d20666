// Whole numbers with a scale and a zero for each group of columns of a row: value = (number - zero) * scale.

export interface Groups {
  count: number;
  /** Group of each column. */
  of: Uint32Array;
  /** By row, then group. */
  scales: Float32Array;
  zeros: Float32Array;
}

/** Columns in their order, so many to a group. */
export const evenGroups = (columns: number, size: number): Uint32Array =>
  Uint32Array.from({ length: columns }, (_, column) => Math.floor(column / size));

/** `numbers` writes the whole numbers of a row to the start of a buffer. */
export function groupedRows(
  columns: number,
  groups: Groups,
  first: number,
  end: number,
  numbers: (row: number, out: Float32Array) => void,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array((end - first) * columns);
  for (let row = first; row < end; row++) {
    const line = out.subarray((row - first) * columns, (row - first + 1) * columns);
    numbers(row, line);
    const at = row * groups.count;
    for (let column = 0; column < columns; column++) {
      const group = at + groups.of[column]!;
      line[column] = (line[column]! - groups.zeros[group]!) * groups.scales[group]!;
    }
  }
  return out;
}
