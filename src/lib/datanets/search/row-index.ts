// An index of a version's rows by words and field values, so that a search reads no row. Rows are identified by their position in
// the version.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createColumnValues, type ColumnFigures, type ColumnFilter } from './column-values.ts';
import { createPostings, MAX_POSTINGS_ROWS, type Postings } from './postings.ts';
import { createRowSet, type RowSet } from './row-set.ts';
import { rowWords } from './row-words.ts';
import { wordsOf } from './words.ts';

export interface RowQuery {
  /** A row must have all of them; the last one is a prefix while a letter or digit ends it. */
  words: string;
  /** A row must match all of them. */
  filters: readonly ColumnFilter[];
}

export interface FoundRows {
  total: number;
  /** Positions of the first ones. */
  rows: Uint32Array;
}

export interface RowIndex {
  readonly rows: number;
  /** Adds the next row. */
  add(row: JsonObject): void;
  /** Returns at most `most` positions. */
  search(query: RowQuery, most: number): FoundRows;
  columns(): ColumnFigures[];
}

/** `columns`: fields that rows can be filtered by. */
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
      // An empty query matches all rows.
      if (!found) return { total: rows, rows: Uint32Array.from({ length: Math.min(most, rows) }, (_, row) => row) };
      for (const other of others) found.intersect(other);
      return { total: found.count(), rows: found.first(most) };
    },
    columns: () => [...byColumn.values()].map((values) => values.figures(rows)),
  };
}
