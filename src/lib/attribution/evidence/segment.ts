// A segment of an index: the words of some consecutive rows as numbers, and the order of all their suffixes. It is made of rows, and
// only of them, so that equal rows give equal segments.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { fold, piecesOf } from './evidence-words.ts';
import { rowParts } from './row-parts.ts';
import { suffixArray } from './suffix-array.ts';

/** The number after each part of a row, so that no match goes on from one part to the next. */
export const PART_END = 0;

export interface Segment {
  /** The different words in the order of their code units; word `i` has number `i + 1`. */
  readonly words: readonly string[];
  /** The words of all rows as numbers, and `PART_END`. */
  readonly tokens: Int32Array;
  /** Where each row ends in `tokens`. */
  readonly rowEnds: Int32Array;
  /** All places in `tokens` but those of `PART_END`, in the order of what follows up to the end of the part, then by place. */
  readonly suffixes: Int32Array;
  /** Where in `suffixes` those that begin with each number start; one more entry for the end. */
  readonly starts: Int32Array;
}

export interface SegmentBuilder {
  readonly rows: number;
  readonly tokens: number;
  /** Adds the next row. */
  add(row: JsonObject): void;
  /** The segment of the rows since the last one. */
  seal(): Segment;
}

export function createSegmentBuilder(): SegmentBuilder {
  /** Numbers by first occurrence: of the words as written, and as compared. */
  const byPiece = new Map<string, number>();
  const byWord = new Map<string, number>();
  const rowEnds: number[] = [];
  let tokens = new Int32Array(1 << 14);
  let length = 0;

  function push(number: number): void {
    if (length === tokens.length) {
      const more = new Int32Array(2 * length);
      more.set(tokens);
      tokens = more;
    }
    tokens[length++] = number;
  }
  function numberOf(piece: string): number {
    const known = byPiece.get(piece);
    if (known !== undefined) return known;
    const word = fold(piece);
    let number = byWord.get(word);
    if (number === undefined) byWord.set(word, (number = byWord.size + 1));
    byPiece.set(piece, number);
    return number;
  }
  return {
    get rows() {
      return rowEnds.length;
    },
    get tokens() {
      return length;
    },
    add(row) {
      for (const { text } of rowParts(row)) {
        for (const piece of piecesOf(text)) push(numberOf(piece));
        push(PART_END);
      }
      rowEnds.push(length);
    },
    seal() {
      const words = [...byWord.keys()].sort();
      const sorted = new Int32Array(words.length + 1);
      words.forEach((word, at) => (sorted[byWord.get(word)!] = at + 1));
      const segment = segmentOf(
        words,
        tokens.subarray(0, length).map((number) => sorted[number]!),
        Int32Array.from(rowEnds),
      );
      byPiece.clear();
      byWord.clear();
      rowEnds.length = length = 0;
      return segment;
    },
  };
}

function segmentOf(words: readonly string[], tokens: Int32Array, rowEnds: Int32Array): Segment {
  const starts = startsOf(tokens, words.length);
  const partEnds = tokens.length - starts.at(-1)!;
  // Each end of a part is a symbol of its own, by its place, so that the order says nothing of what follows a part.
  let end = 0;
  const symbols = tokens.map((number) => (number === PART_END ? end++ : partEnds + number - 1));
  const suffixes = suffixArray(symbols, partEnds + words.length).slice(partEnds);
  return { words, tokens, rowEnds, suffixes, starts };
}

/** See `Segment.starts`; number 0 has none. */
export function startsOf(tokens: Int32Array, words: number): Int32Array {
  const starts = new Int32Array(words + 2);
  for (let at = 0; at < tokens.length; at++) if (tokens[at] !== PART_END) starts[tokens[at]! + 1]!++;
  for (let number = 1; number < starts.length; number++) starts[number]! += starts[number - 1]!;
  return starts;
}

/** The row of a place in `tokens`. */
export function rowAt({ rowEnds }: Segment, place: number): number {
  let [low, high] = [0, rowEnds.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rowEnds[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
