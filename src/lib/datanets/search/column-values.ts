// Values of one field over all rows, in flat memory, to filter rows and draw charts: which rows have the field, its values when
// there are few distinct ones, its numbers, and the lengths of its texts.

import { createRowSet, type RowSet } from './row-set.ts';

/** Rows from `from` up to, but not including, `to`; the last bin includes it. */
export interface Bin {
  from: number;
  to: number;
  rows: number;
}

export interface ColumnFigures {
  name: string;
  /** Rows that have the field with a value other than null. */
  filled: number;
  /** Most frequent first; null with more than `MAX_VALUES` distinct ones, or with numbers and lists only. */
  values: readonly { value: string; rows: number }[] | null;
  numbers: readonly Bin[] | null;
  /** Lengths of its texts in characters. */
  lengths: readonly Bin[] | null;
}

/** A condition on a field. */
export type ColumnFilter = { column: string } & (
  { kind: 'is'; value: string } | { kind: 'between'; from: number; to: number } | { kind: 'filled' } | { kind: 'empty' }
);

export interface ColumnValues {
  add(row: number, value: unknown): void;
  /** The rows that match, out of `rows` rows. */
  pick(filter: ColumnFilter, rows: number): RowSet;
  figures(rows: number): ColumnFigures;
}

export const MAX_VALUES = 255;
const MAX_VALUE_CHARS = 200;
const BINS = 16;

export function createColumnValues(name: string): ColumnValues {
  let filled = new Uint8Array(1 << 10);
  /** 0: no value. Dropped when there are too many distinct values. */
  let codes: Uint8Array | null = new Uint8Array(1 << 10);
  const codeOf = new Map<string, number>();
  let numbers: Float64Array | null = null;
  const lengths = new Uint32Array(32);

  function addValue(row: number, value: string): void {
    if (!codes) return;
    let code = codeOf.get(value);
    if (code === undefined) {
      if (codeOf.size === MAX_VALUES || value.length > MAX_VALUE_CHARS) {
        codes = null;
        codeOf.clear();
        return;
      }
      code = codeOf.size + 1;
      codeOf.set(value, code);
    }
    if (row >= codes.length) codes = grown(codes, new Uint8Array(2 * row));
    codes[row] = code;
  }
  function addNumber(row: number, value: number): void {
    numbers ??= new Float64Array(1 << 10).fill(NaN);
    if (row >= numbers.length) numbers = grown(numbers, new Float64Array(2 * row).fill(NaN));
    numbers[row] = value;
  }
  const hasHere = (row: number, filter: ColumnFilter): boolean => {
    if (filter.kind === 'filled') return filled[row] === 1;
    if (filter.kind === 'empty') return filled[row] !== 1;
    if (filter.kind === 'is') return codes !== null && codes[row] !== 0 && codes[row] === codeOf.get(filter.value);
    const number = numbers?.[row] ?? NaN;
    return number >= filter.from && number <= filter.to;
  };
  return {
    add(row, value) {
      if (value === undefined || value === null) return;
      if (row >= filled.length) filled = grown(filled, new Uint8Array(2 * row));
      filled[row] = 1;
      if (typeof value === 'number') addNumber(row, value);
      else if (typeof value === 'boolean') addValue(row, String(value));
      else if (typeof value === 'string') {
        addValue(row, value);
        lengths[32 - Math.clz32(value.length)]!++;
      }
    },
    pick(filter, rows) {
      const picked = createRowSet(rows);
      for (let row = 0; row < rows; row++) if (hasHere(row, filter)) picked.add(row);
      return picked;
    },
    figures(rows) {
      const counts = new Uint32Array(MAX_VALUES + 1);
      let count = 0;
      for (let row = 0; row < rows; row++) {
        count += filled[row] ?? 0;
        if (codes) counts[codes[row] ?? 0]!++;
      }
      const values = [...codeOf].map(([value, code]) => ({ value, rows: counts[code]! }));
      values.sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1));
      const [here, long] = [numbers && numberBins(numbers, rows), lengthBins(lengths)];
      return { name, filled: count, values: values.length > 0 ? values : null, numbers: here, lengths: long };
    },
  };
}

function numberBins(numbers: Float64Array, rows: number): Bin[] | null {
  let [least, most] = [Infinity, -Infinity];
  for (let row = 0; row < Math.min(rows, numbers.length); row++) {
    const number = numbers[row]!;
    if (number < least) least = number;
    if (number > most) most = number;
  }
  if (least > most) return null;
  // Halved, so that no range of doubles overflows.
  const width = Math.max(most / 2 - least / 2, 0);
  const bins = width === 0 ? 1 : BINS;
  const edge = (at: number): number => least * (1 - at / bins) + most * (at / bins);
  const counts = new Uint32Array(bins);
  for (let row = 0; row < Math.min(rows, numbers.length); row++) {
    const number = numbers[row]!;
    if (Number.isNaN(number)) continue;
    const at = width === 0 ? 0 : Math.floor(((number / 2 - least / 2) / width) * bins);
    counts[Math.min(at, bins - 1)]!++;
  }
  return Array.from(counts, (inBin, at) => ({ from: edge(at), to: edge(at + 1), rows: inBin }));
}

/** Bins by powers of two, from the first that is not empty to the last. */
function lengthBins(lengths: Uint32Array): Bin[] | null {
  const [first, last] = [lengths.findIndex((rows) => rows > 0), lengths.findLastIndex((rows) => rows > 0)];
  if (first < 0) return null;
  return Array.from(lengths.subarray(first, last + 1), (rows, at) => {
    const power = first + at;
    return { from: power === 0 ? 0 : 2 ** (power - 1), to: 2 ** power, rows };
  });
}

function grown<T extends Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
