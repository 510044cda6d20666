// Ranks rows by the words that they share with a text: BM25 (Robertson and Zaragoza 2009) over the suffixes of an index, which need
// no second index. Rare words come first; common ones are left out when the places looked at are used up.

import type { SegmentSearch } from './segment-search.ts';
import { rowAt } from './segment.ts';

export interface RankedRow {
  segment: number;
  /** Within its segment. */
  row: number;
  score: number;
}

export interface RowRanking {
  /** 0 for a row without any of the words. */
  score(segment: number, row: number): number;
  /** The best rows; among equals the earlier ones. */
  best(most: number): RankedRow[];
}

const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;
/** Places of words that are looked at, at most. */
const MOST_PLACES = 1 << 13;

/** `words`: as they are compared; repetitions count once. */
export function rankRows(words: readonly string[], segments: readonly SegmentSearch[]): RowRanking {
  const firstRows = [0];
  let tokens = 0;
  for (const { segment } of segments) {
    firstRows.push(firstRows.at(-1)! + segment.rowEnds.length);
    tokens += segment.tokens.length;
  }
  const rows = firstRows.at(-1)!;
  const scores = new Map<number, number>();
  let left = MOST_PLACES;
  for (const { word, count } of byRarity(words, segments)) {
    left -= count;
    if (left < 0) break;
    const times = new Map<number, number>();
    segments.forEach((search, at) => {
      for (const row of rowsWith(search, word)) {
        const key = firstRows[at]! + row;
        times.set(key, (times.get(key) ?? 0) + 1);
      }
    });
    const weight = Math.log(1 + (rows - times.size + 0.5) / (times.size + 0.5));
    for (const [key, often] of times) {
      const [at, row] = placeOf(key, firstRows);
      const { rowEnds } = segments[at]!.segment;
      const length = ((rowEnds[row]! - (row === 0 ? 0 : rowEnds[row - 1]!)) * rows) / tokens;
      const damped = often + SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length);
      scores.set(key, (scores.get(key) ?? 0) + (weight * often * (SATURATION + 1)) / damped);
    }
  }
  // Rounded, so that the last bits of a logarithm, which differ between engines, decide no order.
  for (const [key, score] of scores) scores.set(key, Math.round(score * 1e6) / 1e6);
  return {
    score: (segment, row) => scores.get(firstRows[segment]! + row) ?? 0,
    best(most) {
      const keys = [...scores.keys()].sort((a, b) => scores.get(b)! - scores.get(a)! || a - b);
      return keys.slice(0, most).map((key) => {
        const [segment, row] = placeOf(key, firstRows);
        return { segment, row, score: scores.get(key)! };
      });
    },
  };
}

function byRarity(words: readonly string[], segments: readonly SegmentSearch[]): { word: string; count: number }[] {
  const counted = [...new Set(words)].map((word) => ({
    word,
    count: segments.reduce((sum, segment) => sum + segment.count(word), 0),
  }));
  return counted.filter(({ count }) => count > 0).sort((a, b) => a.count - b.count || (a.word < b.word ? -1 : 1));
}

function* rowsWith({ segment, query, range }: SegmentSearch, word: string): Generator<number, void, undefined> {
  const [from, to] = range(query([word]), 0, 1);
  for (let slot = from; slot < to; slot++) yield rowAt(segment, segment.suffixes[slot]!);
}

function placeOf(key: number, firstRows: readonly number[]): [segment: number, row: number] {
  let at = 0;
  while (key >= firstRows[at + 1]!) at++;
  return [at, key - firstRows[at]!];
}
