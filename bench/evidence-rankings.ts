// Rankings of rows for an answer, to compare: the evidence that the app shows, and the parts it is made of. Each says where the row
// that holds the asked fact stands.

import { evidenceWords } from '#lib/attribution/evidence/evidence-words.ts';
import type { OpenEvidence } from '#lib/attribution/evidence/open-evidence.ts';
import { rankRows } from '#lib/attribution/evidence/rank-rows.ts';
import { traceAnswer, type AnswerTrace } from '#lib/attribution/evidence/trace-answer.ts';

export interface AskedFact {
  /** Id of the row that holds it. */
  row: string;
  question: string;
  answer: string;
}

/** The place of the row of a fact, from 1; 0 when it is not among the first. */
export type RankOf = (fact: AskedFact, evidence: readonly OpenEvidence[], version: number) => Promise<number>;

/** Rows that are looked at. */
const MOST = 50;

const placeOf = (trace: AnswerTrace, { row }: AskedFact, version: number): number =>
  trace.rows.findIndex((one) => one.id === row && one.version === version) + 1;

/** By what they look at. */
export const RANKINGS: Record<string, RankOf> = {
  'evidence of question and answer': async (fact, evidence, version) =>
    placeOf(await traceAnswer({ ...fact, evidence, most: MOST }), fact, version),
  'evidence of the answer': async (fact, evidence, version) =>
    placeOf(await traceAnswer({ answer: fact.answer, evidence, most: MOST }), fact, version),
  'spans alone': async (fact, evidence, version) => {
    const { spans } = await traceAnswer({ answer: fact.answer, evidence, most: MOST });
    const bits = new Map<string, number>();
    for (const span of spans) {
      for (const place of span.places) {
        const key = `${place.version} ${place.id}`;
        bits.set(key, (bits.get(key) ?? 0) + span.bits);
      }
    }
    const best = [...bits].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return best.findIndex(([key]) => key === `${version} ${fact.row}`) + 1;
  },
  'BM25 of question and answer': (fact, evidence, version) =>
    rankByWords(`${fact.question} ${fact.answer}`, fact, evidence, version),
  'BM25 of the answer': (fact, evidence, version) => rankByWords(fact.answer, fact, evidence, version),
};

async function rankByWords(
  text: string,
  { row }: AskedFact,
  evidence: readonly OpenEvidence[],
  version: number,
): Promise<number> {
  const words = [...evidenceWords(text)].filter(({ isWord }) => isWord).map(({ folded }) => folded);
  const segments = evidence.flatMap((one, at) => one.segments.map((segment, n) => ({ segment, at, n })));
  const best = rankRows(
    words,
    segments.map(({ segment }) => segment),
  ).best(MOST);
  const { version: open, segments: own } = evidence[version]!;
  let number = 0;
  for (const shard of open.shards) {
    const at = (await open.rows(shard)).findIndex(({ id }) => id === row);
    if (at >= 0) {
      number += at;
      break;
    }
    number += shard.rows;
  }
  const before = (n: number): number => own.slice(0, n).reduce((sum, { segment }) => sum + segment.rowEnds.length, 0);
  return (
    best.findIndex((found) => {
      const { at, n } = segments[found.segment]!;
      return at === version && before(n) + found.row === number;
    }) + 1
  );
}
