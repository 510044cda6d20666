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
  const each = (find: (segment: SegmentSearch, query: SegmentQuery, at: number) => void): void =>
    segments.forEach((segment, at) => find(segment, queries[at]!, at));

  function bitsOfWords(): Float64Array {
    const all = segments.reduce((sum, { segment }) => sum + segment.suffixes.length, 0);
    return Float64Array.from(queries[0]?.numbers ?? [], (_, at) => {
      let count = 0;
      each(({ segment: { starts } }, { numbers }) => {
        const number = numbers[at]!;
        if (number > 0) count += starts[number + 1]! - starts[number]!;
      });
      return count === 0 ? 0 : Math.log2(all / count);
    });
  }
  return {
    spans() {
      const bits = bitsOfWords();
      const least = Math.min(LEAST_WORDS, words.filter(({ isWord }) => isWord).length);
      const found: LongestSpan[] = [];
      let end = 0;
      for (let at = 0; at < words.length && end < words.length; at++) {
        let length = 0;
        each((segment, query) => (length = Math.max(length, segment.longest(query, at))));
        // A span that ends where the one before it ends lies within it.
        if (at + length <= end) continue;
        end = at + length;
        const count = words.slice(at, end).filter(({ isWord }) => isWord).length;
        if (count < Math.max(1, least)) continue;
        const sum = bits.subarray(at, end).reduce((all, one) => all + one, 0);
        found.push({ at, length, bits: Math.round(sum * 1000) / 1000, occurrences: 0 });
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
