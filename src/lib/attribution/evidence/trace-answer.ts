// Evidence for an answer: the longest spans of it that stand in rows of the Datanets in use, and the rows that share most with
// question and answer. It is shown beside an answer and pays nothing; rows that say the same in other words are not found by it.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import { rowLicence } from '#lib/formats/datanet/row-licence.ts';
import { copyNotice, isCopy, type CopyNotice } from './copy-notice.ts';
import { AnswerTooLongError, IndexUnsoundError } from './errors.ts';
import { evidenceWords, type EvidenceWord } from './evidence-words.ts';
import { createSpanSearch, type LongestSpan, type SpanPlace } from './longest-spans.ts';
import type { OpenEvidence } from './open-evidence.ts';
import { rankRows, type RowRanking } from './rank-rows.ts';
import { rowAt } from './segment.ts';
import { createVersionRows, type NumberedRow, type VersionRows } from './version-rows.ts';

export interface TraceRequest {
  answer: string;
  /** Ranks rows together with the answer; spans are those of the answer alone. */
  question?: string;
  /** The versions that the adapters in use were trained on. */
  evidence: readonly OpenEvidence[];
  /** Rows in the ranking, and places of each span. Default 10. */
  most?: number;
}

/** A row of one of the versions. */
export interface EvidenceRow {
  /** Of `TraceRequest.evidence`. */
  version: number;
  /** Its number in the version, and its id. */
  row: number;
  id: string;
  leaf: Hex;
  contributor: Hex | null;
  licence: string;
  /** BM25 of question and answer, and the rarity of its spans, in nats. */
  score: number;
  /** Which of the spans stand in it, among the places that are shown. */
  spans: number[];
}

export interface EvidencePlace {
  version: number;
  row: number;
  id: string;
  contributor: Hex | null;
  /** Which text of the row (JSON pointer), and where in it, in UTF-16 code units. */
  path: string;
  from: number;
  to: number;
  /** Equal to the answer in letter case and form, too; blanks do not count. */
  isVerbatim: boolean;
}

export interface EvidenceSpan {
  /** Where in the answer, in UTF-16 code units. */
  from: number;
  to: number;
  /** Without signs. */
  words: number;
  /** How rare it is: minus log2 of the probability of its words, each by itself. */
  bits: number;
  /** How often it stands in all versions together. */
  occurrences: number;
  /** Those in the best rows. */
  places: EvidencePlace[];
}

export interface AnswerTrace {
  /** In the order of the answer; none lies within another. */
  spans: EvidenceSpan[];
  /** Best first. */
  rows: EvidenceRow[];
  /** What licences ask for where the answer repeats a long part of a row. */
  notices: CopyNotice[];
}

/** Words and signs of an answer, or of a question. */
const MAX_WORDS = 4096;
/** Places of a span that compete for being shown. */
const MOST_PLACES = 1024;
const MOST_SHOWN = 10;

/**
 * Traces an answer. Every span that is returned was compared with the text of its row.
 * @throws AnswerTooLongError, IndexUnsoundError when an index names a row that does not have the words; and as `OpenVersion.rows`
 *
 * @example
 * import { openEvidence } from '#lib/attribution/evidence/open-evidence.ts';
 * import { traceAnswer } from '#lib/attribution/evidence/trace-answer.ts';
 *
 * const evidence = [await openEvidence(version, cid, source, digester, signal)];
 * const { spans, rows } = await traceAnswer({ question: 'What is its range?', answer: '40 km.', evidence }, signal);
 * show(`${spans.length} spans; first row ${rows[0]?.id ?? 'none'}`);
 */
export async function traceAnswer(
  { answer, question = '', evidence, most = MOST_SHOWN }: TraceRequest,
  signal?: AbortSignal,
): Promise<AnswerTrace> {
  const words = wordsWithin('answer', answer);
  const segments = evidence.flatMap((one) => one.segments);
  const search = createSpanSearch(words, segments);
  const ranked = [...wordsWithin('question', question), ...words].filter(({ isWord }) => isWord);
  const ranking = rankRows(
    ranked.map(({ folded }) => folded),
    segments,
  );
  const sources = segmentSources(evidence, signal);
  const count = (from: number, to: number): number => words.slice(from, to).filter(({ isWord }) => isWord).length;
  const spans: EvidenceSpan[] = [];
  const rows = new Map<string, EvidenceRow>();
  const notices = new Map<string, CopyNotice>();
  const meet = async (segment: number, row: number): Promise<Met> => {
    const { version, firstRow, reader } = sources[segment]!;
    const found = await reader.row(firstRow + row);
    const key = `${version} ${firstRow + row}`;
    const score = ranking.score(segment, row);
    const met = rows.get(key) ?? rowOf(found, { version, row: firstRow + row, score }, evidence[version]!);
    rows.set(key, met);
    return { found, met };
  };

  for (const span of search.spans()) {
    const [first, last] = [words[span.at]!, words[span.at + span.length - 1]!];
    const shown: EvidenceSpan = {
      from: first.from,
      to: last.to,
      words: count(span.at, span.at + span.length),
      bits: span.bits,
      occurrences: span.occurrences,
      places: [],
    };
    for (const { segment, place } of bestPlaces(search.places(span, MOST_PLACES), segments, ranking).slice(0, most)) {
      signal?.throwIfAborted();
      const row = rowAt(segments[segment]!.segment, place);
      const { found, met } = await meet(segment, row);
      const here = placeIn(found, place - firstToken(segments[segment]!.segment.rowEnds, row), span, words);
      if (!here)
        throw new IndexUnsoundError(
          evidence[met.version]!.version.name,
          `row ${met.id} lacks a span named by the index`,
        );
      const { path, from, to, text } = here;
      const isVerbatim = plain(text.slice(from, to)) === plain(answer.slice(shown.from, shown.to));
      const { version, id, contributor } = met;
      shown.places.push({ version, row: met.row, id, contributor, path, from, to, isVerbatim });
      met.spans.push(spans.length);
      met.score = Math.round((met.score + span.bits * Math.LN2) * 1e6) / 1e6;
      const notice = isCopy(shown.words, count(0, words.length))
        ? copyNotice({ ...found, contributor }, evidence[version]!.version.version.licence)
        : null;
      if (notice) notices.set(notice.line, notice);
    }
    spans.push(shown);
  }
  for (const { segment, row } of ranking.best(most)) await meet(segment, row);
  const best = [...rows.values()].sort((a, b) => b.score - a.score || a.version - b.version || a.row - b.row);
  return { spans, rows: best.slice(0, most), notices: [...notices.values()] };
}

interface Met {
  found: NumberedRow;
  met: EvidenceRow;
}

function wordsWithin(what: string, text: string): EvidenceWord[] {
  const words: EvidenceWord[] = [];
  let count = 0;
  for (const word of evidenceWords(text)) if (++count <= MAX_WORDS) words.push(word);
  if (count > MAX_WORDS) throw new AnswerTooLongError(what, count, MAX_WORDS);
  return words;
}

/** Of each segment: its version, the number of its first row there, and where rows are read. */
function segmentSources(evidence: readonly OpenEvidence[], signal: AbortSignal | undefined) {
  const sources: { version: number; firstRow: number; reader: VersionRows }[] = [];
  evidence.forEach(({ version: open, segments }, version) => {
    const reader = createVersionRows(open, signal);
    let firstRow = 0;
    for (const { segment } of segments) {
      sources.push({ version, firstRow, reader });
      firstRow += segment.rowEnds.length;
    }
  });
  return sources;
}

function rowOf(
  { id, leaf, value }: NumberedRow,
  where: Pick<EvidenceRow, 'version' | 'row' | 'score'>,
  { version: { version } }: OpenEvidence,
): EvidenceRow {
  const licence = rowLicence(value['licence']) ?? version.licence;
  return {
    ...where,
    id,
    leaf: toHex(leaf),
    contributor: rowContributor(value),
    licence: typeof licence === 'string' ? licence : licence.spdx,
    spans: [],
  };
}

/** Places in better rows first; among equals the earlier ones. One place of each row. */
function bestPlaces(
  places: readonly SpanPlace[],
  segments: OpenEvidence['segments'],
  ranking: RowRanking,
): SpanPlace[] {
  const ofRows = new Map<string, SpanPlace & { score: number }>();
  for (const { segment, place } of places) {
    const row = rowAt(segments[segment]!.segment, place);
    const key = `${segment} ${row}`;
    const before = ofRows.get(key);
    if (!before || place < before.place) ofRows.set(key, { segment, place, score: ranking.score(segment, row) });
  }
  return [...ofRows.values()].sort((a, b) => b.score - a.score || a.segment - b.segment || a.place - b.place);
}

const firstToken = (rowEnds: Int32Array, row: number): number => (row === 0 ? 0 : rowEnds[row - 1]!);

/** Where a span stands in a row, or null when the row does not have it at this token. */
function placeIn({ parts }: NumberedRow, token: number, { at, length }: LongestSpan, words: readonly EvidenceWord[]) {
  let before = 0;
  for (const { path, text, words: here } of parts) {
    const first = token - before;
    if (first <= here.length) {
      const found = here.slice(first, first + length);
      const isSame = found.length === length && found.every(({ folded }, n) => folded === words[at + n]!.folded);
      return isSame ? { path, text, from: found[0]!.from, to: found.at(-1)!.to } : null;
    }
    before += here.length + 1;
  }
  return null;
}

const plain = (text: string): string => text.replace(/\s+/g, ' ');
