// Looks for words in one segment: the longest match from each word of a text on, and all places of a match. A search is some binary
// searches in the suffixes; each goes on comparing where both its ends agree with the text already (Manber and Myers 1993).

import type { Segment } from './segment.ts';

/** The words of a text as numbers of one segment. */
export interface SegmentQuery {
  numbers: Int32Array;
  /** For each word the next one that the segment does not have, or the end. */
  stops: Int32Array;
}

export interface SegmentSearch {
  readonly segment: Segment;
  query(words: readonly string[]): SegmentQuery;
  /** How many words from `at` on stand together somewhere in the segment; `limit`: more do not matter. */
  longest(query: SegmentQuery, at: number, limit?: number): number;
  /** The suffixes that begin with `length` words from `at` on: from the first up to, but not including, the second. */
  range(query: SegmentQuery, at: number, length: number): readonly [number, number];
  /** How often the segment has the word. */
  count(word: string): number;
}

const UNKNOWN = -1;

export function createSegmentSearch(segment: Segment): SegmentSearch {
  const { words, tokens, suffixes, starts } = segment;
  const numbers = new Map(words.map((word, at) => [word, at + 1]));

  /** The first suffix that does not come before the words, or that comes after all that begin with them. */
  function bound(wanted: Int32Array, at: number, length: number, isUpper: boolean): number {
    const first = wanted[at]!;
    let [low, high] = [starts[first]!, starts[first + 1]!];
    let [sameLow, sameHigh] = [1, 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const place = suffixes[middle]!;
      let same = Math.min(sameLow, sameHigh);
      while (same < length && tokens[place + same] === wanted[at + same]) same++;
      const isBefore = same === length ? isUpper : tokens[place + same]! < wanted[at + same]!;
      if (isBefore) [low, sameLow] = [middle + 1, same];
      else [high, sameHigh] = [middle, same];
    }
    return low;
  }
  return {
    segment,
    query(texts) {
      const found = Int32Array.from(texts, (word) => numbers.get(word) ?? UNKNOWN);
      const stops = new Int32Array(found.length);
      for (let at = found.length - 1, stop = found.length; at >= 0; at--) {
        if (found[at] === UNKNOWN) stop = at;
        stops[at] = stop;
      }
      return { numbers: found, stops };
    },
    longest({ numbers: wanted, stops }, at, limit = Infinity) {
      const most = Math.min(limit, stops[at]! - at);
      if (most <= 0) return 0;
      if (most === 1) return 1;
      const first = wanted[at]!;
      let low = starts[first]!;
      let high = starts[first + 1]!;
      let sameLow = 1;
      let sameHigh = 1;
      let best = 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const place = suffixes[middle]!;
        let same = sameLow < sameHigh ? sameLow : sameHigh;
        while (same < most && tokens[place + same] === wanted[at + same]) same++;
        if (same > best) best = same;
        if (same === most) return most;
        if (tokens[place + same]! < wanted[at + same]!) {
          low = middle + 1;
          sameLow = same;
        } else {
          high = middle;
          sameHigh = same;
        }
      }
      return best;
    },
    range({ numbers: wanted, stops }, at, length) {
      if (length === 0 || at + length > stops[at]!) return [0, 0];
      return [bound(wanted, at, length, false), bound(wanted, at, length, true)];
    },
    count(word) {
      const number = numbers.get(word);
      return number === undefined ? 0 : starts[number + 1]! - starts[number]!;
    },
  };
}
