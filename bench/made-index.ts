// Measures the index of a made text of any size: how long it takes to build and to open, its bytes, and how long a trace takes.

import type { Digester } from '#lib/core/digester.ts';
import { createRng } from '#lib/core/rng.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { evidenceWords } from '#lib/attribution/evidence/evidence-words.ts';
import { createSpanSearch } from '#lib/attribution/evidence/longest-spans.ts';
import { rankRows } from '#lib/attribution/evidence/rank-rows.ts';
import { createSegmentBuilder } from '#lib/attribution/evidence/segment.ts';
import { encodeSegment, parseSegment, parseSegmentHead } from '#lib/attribution/evidence/segment-blocks.ts';
import { createSegmentSearch, type SegmentSearch } from '#lib/attribution/evidence/segment-search.ts';

export interface IndexRow {
  name: string;
  rows: number;
  tokens: number;
  buildMs: number;
  openMs: number;
  bytes: number;
  bytesPerToken: number;
}

export interface LatencyRow {
  what: string;
  medianMs: number;
  /** 95 of 100 take at most so long. */
  p95Ms: number;
}

/** Traces that are timed, and the words of each text. */
const REPEATS = 400;
const ANSWER_WORDS = 256;

export function indexRow(
  name: string,
  segments: readonly { tokens: Int32Array; rowEnds: Int32Array }[],
  buildMs: number,
  openMs: number,
  bytes: number,
): IndexRow {
  const tokens = segments.reduce((sum, segment) => sum + segment.tokens.length, 0);
  const rows = segments.reduce((sum, segment) => sum + segment.rowEnds.length, 0);
  return { name, rows, tokens, buildMs, openMs, bytes, bytesPerToken: bytes / tokens };
}

/** An index of rows of thirty words, drawn by Zipf's law from 60,000, and traces of texts half of which stand in its rows. */
export function measureMade(tokens: number, digester: Digester): { row: IndexRow; latencies: LatencyRow[] } {
  const draw = zipfWords(60_000);
  const rng = createRng(2);
  const kept: string[][] = [];
  const rows: JsonObject[] = [];
  for (let count = 0; count < tokens; count += 32) {
    const words = Array.from({ length: 30 }, draw);
    if (kept.length < 2000) kept.push(words);
    rows.push({ text: `${words.join(' ')}.` });
  }
  const began = performance.now();
  const builder = createSegmentBuilder();
  for (const row of rows) builder.add(row);
  const segment = builder.seal();
  const shards = Array.from({ length: Math.ceil(rows.length / 1024) }, () => `0x${'0'.repeat(64)}` as const);
  const blocks = encodeSegment(segment, shards, digester).map(({ bytes }) => bytes);
  const built = performance.now();
  const bytes = blocks.reduce((sum, { length }) => sum + length, 0);
  const head = parseSegmentHead(blocks.pop()!, 'made text');
  const search = createSegmentSearch(parseSegment(head, blocks, 'made text'));
  const openMs = performance.now() - built;
  const answers = Array.from({ length: 100 }, () => {
    const words: string[] = [];
    while (words.length < ANSWER_WORDS) {
      const row = kept[rng.below(kept.length)]!;
      const from = rng.below(15);
      words.push(
        ...(rng.below(2) === 0 ? row.slice(from, from + 5 + rng.below(11)) : Array.from({ length: 10 }, draw)),
      );
    }
    return words.slice(0, ANSWER_WORDS).join(' ');
  });
  return {
    row: indexRow('made text', [segment], built - began, openMs, bytes),
    latencies: [
      latency(`spans of ${ANSWER_WORDS} words`, answers, (answer) => findSpans(answer, search)),
      latency(`BM25 of ${ANSWER_WORDS} words`, answers, (answer) => {
        rankRows(
          [...evidenceWords(answer)].map(({ folded }) => folded),
          [search],
        ).best(10);
      }),
    ],
  };
}

function findSpans(answer: string, search: SegmentSearch): void {
  const spans = createSpanSearch([...evidenceWords(answer)], [search]);
  for (const span of spans.spans()) spans.places(span, 1024);
}

function latency(what: string, answers: readonly string[], run: (answer: string) => void): LatencyRow {
  for (const answer of answers) run(answer);
  const times = Array.from({ length: REPEATS }, (_, n) => {
    const began = performance.now();
    run(answers[n % answers.length]!);
    return performance.now() - began;
  }).sort((a, b) => a - b);
  return { what, medianMs: times[REPEATS >> 1]!, p95Ms: times[Math.floor(0.95 * REPEATS)]! };
}

/** Words whose frequencies fall with their rank (Zipf and Mandelbrot). */
function zipfWords(words: number): () => string {
  const rng = createRng(3);
  const sums = new Float64Array(words);
  let sum = 0;
  for (let rank = 0; rank < words; rank++) sums[rank] = sum += 1 / (rank + 2.7);
  return () => {
    const drawn = rng.uniform() * sum;
    let [low, high] = [0, words - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! < drawn) low = middle + 1;
      else high = middle;
    }
    return `w${low.toString(36)}`;
  };
}
