// An inverted index over some thousand consecutive rows: all words in one sorted text and their rows as flat numbers, so that the
// index takes a few bytes per word and row. Supports search by prefix.

import type { RowSet } from './row-set.ts';

export interface PostingsBuilder {
  /** Rows since the last seal. */
  readonly rows: number;
  /** Adds the next row. */
  add(words: Iterable<string>): void;
  /** Returns the postings of the rows since the last seal. */
  seal(): Postings;
}

export interface Postings {
  readonly rows: number;
  /** Adds to `found` the rows with `word` or a word that it is a prefix of; the first row here is row `offset` there. */
  find(word: string, asPrefix: boolean, found: RowSet, offset: number): void;
}

/** Rows per postings list; a row's number fits 16 bits. */
export const MAX_POSTINGS_ROWS = 1 << 13;

export function createPostings(): PostingsBuilder {
  const numbers = new Map<string, number>();
  // Indexed by word. They grow and are reused for the next rows.
  let lastRow = new Int32Array(1 << 12);
  let counts = new Uint32Array(1 << 12);
  /** The words of all rows, one row after another. */
  let said = new Uint32Array(1 << 14);
  const ends: number[] = [];
  let length = 0;
  function numberOf(word: string): number {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(word, number);
    if (number === counts.length) {
      counts = larger(counts, new Uint32Array(2 * number));
      lastRow = larger(lastRow, new Int32Array(2 * number));
    }
    counts[number] = 0;
    lastRow[number] = -1;
    return number;
  }
  return {
    get rows() {
      return ends.length;
    },
    add(words) {
      const row = ends.length;
      for (const word of words) {
        const number = numberOf(word);
        if (lastRow[number] === row) continue;
        lastRow[number] = row;
        counts[number]!++;
        if (length === said.length) said = larger(said, new Uint32Array(2 * length));
        said[length++] = number;
      }
      ends.push(length);
    },
    seal() {
      const words = [...numbers.keys()].sort();
      const wordEnds = new Uint32Array(words.length);
      const rowEnds = new Uint32Array(words.length);
      const next = new Uint32Array(words.length);
      let [chars, all] = [0, 0];
      words.forEach((word, at) => {
        const number = numbers.get(word)!;
        next[number] = all;
        wordEnds[at] = chars += word.length;
        rowEnds[at] = all += counts[number]!;
      });
      const list = new Uint16Array(length);
      let at = 0;
      ends.forEach((end, row) => {
        for (; at < end; at++) list[next[said[at]!]!++] = row;
      });
      const postings = sealed(ends.length, words.join(''), wordEnds, rowEnds, list);
      numbers.clear();
      ends.length = length = 0;
      return postings;
    },
  };
}

function sealed(rows: number, words: string, wordEnds: Uint32Array, rowEnds: Uint32Array, list: Uint16Array): Postings {
  const wordAt = (at: number): string => words.slice(at === 0 ? 0 : wordEnds[at - 1], wordEnds[at]);
  /** Position of the first word that does not sort before `word`. */
  function placeOf(word: string): number {
    let [low, high] = [0, wordEnds.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (wordAt(middle) < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  return {
    rows,
    find(word, asPrefix, found, offset) {
      for (let at = placeOf(word); at < wordEnds.length; at++) {
        const here = wordAt(at);
        if (here !== word && !(asPrefix && here.startsWith(word))) return;
        for (let n = at === 0 ? 0 : rowEnds[at - 1]!; n < rowEnds[at]!; n++) found.add(offset + list[n]!);
        if (!asPrefix) return;
      }
    },
  };
}

function larger<T extends Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
