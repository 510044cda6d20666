// Which rows are held back for validation. Decided by the hashes of the rows alone, so the same rows are split the same way in any
// order and on any device, and a row that was held back stays so when a few rows are added.

import type { TrainingRow } from './training-row.ts';

export interface Split<Row> {
  train: Row[];
  validation: Row[];
}

export interface SplitOptions {
  /** Share of the rows, from 0 to below 1; 0 holds nothing back. */
  share: number;
  /** At least so many, as long as that is at most a fifth of the rows. */
  least: number;
}

/** The rows with the smallest hashes are held back. Both lists keep the order of `rows`. */
export function splitRows<Row extends Pick<TrainingRow, 'leaf'>>(
  rows: readonly Row[],
  { share, least }: SplitOptions,
): Split<Row> {
  const keys = rows.map(({ leaf }) => keyOf(leaf));
  const wanted =
    share <= 0 ? 0 : Math.max(Math.round(share * rows.length), Math.min(least, Math.floor(rows.length / 5)));
  const limit = [...keys].sort((a, b) => a - b)[wanted];
  // Equal rows have equal keys and stay together.
  const isHeld = (at: number) => wanted > 0 && limit !== undefined && keys[at]! < limit;
  return { train: rows.filter((_, at) => !isHeld(at)), validation: rows.filter((_, at) => isHeld(at)) };
}

/** The first 48 bits, mixed with nothing: a leaf is a hash already. */
const keyOf = (leaf: Uint8Array): number => leaf.subarray(0, 6).reduce((key, byte) => key * 256 + byte, 0);
