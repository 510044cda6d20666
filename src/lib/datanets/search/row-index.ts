// All rows of a version by their words and by what their fields hold, so that a search reads no row. Rows are named by their
// place in the version.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createColumnValues, type ColumnFigures, type ColumnFilter } from './column-values.ts';
import { createPostings, MAX_POSTINGS_ROWS, type Postings } from './postings.ts';
import { createRowSet, type RowSet } from './row-set.ts';
import { rowWords } from './row-words.ts';
import { wordsOf } from './words.ts';

export interface RowQuery {
  /** A row must have all of them; the last one may be the beginning of a word, until something follows it. */
  words: string;
  /** A row must pass all of them. */
  filters: readonly ColumnFilter[];
}

export interface FoundRows {
  total: number;
  /** Places of the first of them. */
  rows: Uint32Array;
}

export interface RowIndex {
  readonly rows: number;
  /** The next row. */
  add(row: JsonObject): void;
  /** At most `most` places. */
  search(query: RowQuery, most: number): FoundRows;
  columns(): ColumnFigures[];
}

/** `columns`: fields that rows can be chosen by. */
export function createRowIndex(columns: readonly string[]): RowIndex {
  const sealed: Postings[] = [];
  const open = createPostings();
  const byColumn = new Map(columns.map((name) => [name, createColumnValues(name)]));
  let rows = 0;

  function seal(): void {
    if (open.rows > 0) sealed.push(open.seal());
  }
  function rowsWith(word: string, asPrefix: boolean): RowSet {
    const found = createRowSet(rows);
    let offset = 0;
    for (const postings of sealed) {
      postings.find(word, asPrefix, found, offset);
      offset += postings.rows;
    }
    return found;
  }
  return {
    get rows() {
      return rows;
    },
    add(row) {
      open.add(rowWords(row));
      for (const [name, values] of byColumn) values.add(rows, Object.hasOwn(row, name) ? row[name] : undefined);
      rows++;
      if (open.rows === MAX_POSTINGS_ROWS) seal();
    },
    search({ words, filters }, most) {
      seal();
      const wanted = wordsOf(words);
      const isOpenEnded = /[\p{L}\p{N}]$/u.test(words);
      const sets = wanted.map((word, at) => rowsWith(word, isOpenEnded && at === wanted.length - 1));
      for (const filter of filters) sets.push(byColumn.get(filter.column)?.pick(filter, rows) ?? createRowSet(rows));
      const [found, ...others] = sets;
      // Nothing was asked for.
      if (!found) return { total: rows, rows: Uint32Array.from({ length: Math.min(most, rows) }, (_, row) => row) };
      for (const other of others) found.intersect(other);
      return { total: found.count(), rows: found.first(most) };
    },
    columns: () => [...byColumn.values()].map((values) => values.figures(rows)),
  };
}
