// What an adapter adds to rows of a stored matrix: scale times the product of two thin matrices, and for DoRA the factor that gives
// each output its trained length. A row of a matrix that is stored [in, out] belongs to an input, so factors are then of columns.

/** Changes rows of a matrix in place; `firstRow` is the number of the first in the whole matrix. */
export type RowChange = (rows: Float32Array, firstRow: number, width: number) => void;

export interface LowRank {
  /** [rows, rank] */
  left: Float32Array;
  /** [rank, width] */
  right: Float32Array;
  rank: number;
  scale: number;
}

/** Sums in f64, so that the order of the ranks does not matter. */
export function addLowRank({ left, right, rank, scale }: LowRank): RowChange {
  let sums = new Float64Array(0);
  return (rows, firstRow, width) => {
    if (sums.length !== width) sums = new Float64Array(width);
    for (let at = 0, row = firstRow; at < rows.length; at += width, row++) {
      sums.fill(0);
      for (let r = 0; r < rank; r++) {
        const factor = left[row * rank + r]!;
        if (factor === 0) continue;
        const from = r * width;
        for (let k = 0; k < width; k++) sums[k]! += factor * right[from + k]!;
      }
      for (let k = 0; k < width; k++) rows[at + k]! += scale * sums[k]!;
    }
  };
}

/** Gives each row the length that `magnitude` says. */
export const scaleRows =
  (magnitude: Float32Array): RowChange =>
  (rows, firstRow, width) => {
    for (let at = 0, row = firstRow; at < rows.length; at += width, row++) {
      let squares = 0;
      for (let k = 0; k < width; k++) squares += rows[at + k]! ** 2;
      const factor = magnitude[row]! / Math.sqrt(squares);
      for (let k = 0; k < width; k++) rows[at + k]! *= factor;
    }
  };

export const scaleColumns =
  (factors: Float64Array): RowChange =>
  (rows, _, width) => {
    for (let at = 0; at < rows.length; at += width) for (let k = 0; k < width; k++) rows[at + k]! *= factors[k]!;
  };

/** [lines, width] as [width, lines]. */
export function turned(values: Float32Array, lines: number, width: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let line = 0; line < lines; line++)
    for (let k = 0; k < width; k++) out[k * lines + line] = values[line * width + k]!;
  return out;
}
