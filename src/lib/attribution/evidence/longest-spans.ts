// The longest spans of a text that stand in some segments word for word: none lies within another, and the rarest are kept, by the
// probability of their words one by one (OLMoTrace, arXiv 2504.07096).

import type { EvidenceWord } from './evidence-words.ts';
import type { SegmentQuery, SegmentSearch } from './segment-search.ts';

export interface LongestSpan {
  /** Its first word, and how many there are, signs included. */
  at: number;
  length: number;
  /** Minus log2 of the probability of its words, each by itself. */
  bits: number;
  /** In all segments together. */
  occurrences: number;
}

export interface SpanPlace {
  segment: number;
  /** In its tokens. */
  place: number;
}

export interface SpanSearch {
  spans(): LongestSpan[];
  /** The first `most` places of a span, by segment and then in the order of suffixes. */
  places(span: LongestSpan, most: number): SpanPlace[];
}

/** A span has at least so many words, or all words of a shorter text. Signs do not count. */
const LEAST_WORDS = 4;
/** Of the words of a text, and two more spans: what is kept. */
const KEPT_SHARE = 0.05;

export function createSpanSearch(words: readonly EvidenceWord[], segments: readonly SegmentSearch[]): SpanSearch {
  const folded = words.map((word) => word.folded);
  const queries = segments.map((segment) => segment.query(folded));
  const tokens = segments.reduce((sum, { segment }) => sum + segment.suffixes.length, 0);
  const least = Math.max(1, Math.min(LEAST_WORDS, words.filter(({ isWord }) => isWord).length));
  const each = (find: (segment: SegmentSearch, query: SegmentQuery, at: number) => void): void =>
    segments.forEach((segment, at) => find(segment, queries[at]!, at));

  function bitsOf(at: number): number {
    let count = 0;
    each(({ segment: { starts } }, { numbers }) => {
      const number = numbers[at]!;
      if (number > 0) count += starts[number + 1]! - starts[number]!;
    });
    return Math.log2(tokens / count);
  }
  return {
    spans() {
      const found: LongestSpan[] = [];
      for (const { at, length } of merged(segments.flatMap((one, n) => longestIn(one, queries[n]!, least)))) {
        let [count, bits] = [0, 0];
        for (let word = at; word < at + length; word++) {
          bits += bitsOf(word);
          if (words[word]!.isWord) count++;
        }
        if (count >= least) found.push({ at, length, bits: Math.round(bits * 1000) / 1000, occurrences: 0 });
      }
      found.sort((a, b) => b.bits - a.bits || a.at - b.at);
      const kept = found.slice(0, Math.ceil(KEPT_SHARE * words.length) + 2);
      for (const span of kept) {
        each((segment, query) => {
          const [from, to] = segment.range(query, span.at, span.length);
          span.occurrences += to - from;
        });
      }
      return kept.sort((a, b) => a.at - b.at);
    },
    places({ at, length }, most) {
      const places: SpanPlace[] = [];
      each((search, query, segment) => {
        const [from, to] = search.range(query, at, length);
        const { suffixes } = search.segment;
        for (let slot = from; slot < to && places.length < most; slot++) {
          places.push({ segment, place: suffixes[slot]! });
        }
      });
      return places;
    },
  };
}

interface Match {
  at: number;
  length: number;
}

/** The matches of at least `least` words in one segment that do not lie within another there, in the order of the text. */
function longestIn(segment: SegmentSearch, query: SegmentQuery, least: number): Match[] {
  const { stops } = query;
  const found: Match[] = [];
  for (let at = 0, end = 0; at + least <= stops.length;) {
    // A match that ends where the last one ends lies within it.
    const need = Math.max(least, end - at + 1);
    if (at + need > stops[at]!) {
      at = stops[at]! + 1;
      continue;
    }
    // The end of what is needed is looked for first: where the segment does not have it, no match from before it has.
    let tail = 2;
    while (tail < need && segment.longest(query, at + need - tail, tail) === tail) tail *= 2;
    if (tail < need) {
      at += need - tail + 1;
      continue;
    }
    const length = segment.longest(query, at);
    if (length >= need) {
      found.push({ at, length });
      end = at + length;
    }
    at++;
  }
  return found;
}

/** Those that do not lie within another, in the order of the text; equal ones once. */
function merged(matches: Match[]): Match[] {
  matches.sort((a, b) => a.at - b.at || b.length - a.length);
  let end = 0;
  return matches.filter(({ at, length }) => {
    if (at + length <= end) return false;
    end = at + length;
    return true;
  });
}
