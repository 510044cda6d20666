// Inspects a file before it is contributed: for each row, whether it is a duplicate, holds private data, fits the schema and the
// licence. One pass in bounded memory; it only reports.

import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { Licence } from '#lib/formats/datanet/licences.ts';
import { rowLicence } from '#lib/formats/datanet/row-licence.ts';
import { licenceConflicts } from '../checks/check-licence.ts';
import type { SchemaCheck } from '../checks/check-schema.ts';
import {
  createDuplicateFinder,
  DEFAULT_THRESHOLD,
  type DuplicateFinder,
} from '#lib/dataset/duplicates/find-duplicates.ts';
import { findPrivate, type PrivateFinding } from '../checks/find-private.ts';
import type { PrivateKind } from '../checks/private-rules.ts';
import { rowTexts } from '#lib/dataset/duplicates/row-words.ts';
import { createStatisticsCounter, type LanguageOf, type RowStatistics } from '../checks/row-statistics.ts';
import { importRows, type ImportOptions } from './import-rows.ts';
import { MAX_ISSUES, type ImportIssue, type ImportSource } from './import-file.ts';
import type { NumberedRow } from '#lib/dataset/write-shards.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';

export interface InspectOptions extends ImportOptions {
  digester: Digester;
  /** The Datanet's current version: duplicates of its rows are credited to their contributors there. */
  known?: OpenVersion | undefined;
  /** Least similarity of near duplicates; default 0.8. */
  threshold?: number | undefined;
  languageOf: LanguageOf;
  schema?: SchemaCheck | undefined;
  /** The licence of the Datanet. */
  licence?: Licence | undefined;
}

/** Where the row was first: in the Datanet, or earlier in the file. */
export type FirstSaid = { in: 'datanet'; id: string; contributor: Hex | null } | { in: 'file'; line: number };

export interface DuplicateRow {
  line: number;
  kind: 'exact' | 'near';
  similarity: number;
  first: FirstSaid;
}

/** A private finding and the field that contains it. */
export type FieldFinding = PrivateFinding & { field: string };

export interface InspectedRow extends NumberedRow {
  duplicate: DuplicateRow | null;
  findings: FieldFinding[];
}

export interface InspectedBatch {
  rows: InspectedRow[];
  issues: ImportIssue[];
  /** Bytes of the file read so far. */
  bytes: number;
}

export interface ToldIssue extends ImportIssue {
  /** Number of occurrences and the first places, for issues whose records are still used. */
  times?: number;
  lines?: number[];
}

export interface ImportReport {
  rows: number;
  /** Number of issues, number of unusable records, and the first issues. A repeated issue is listed once. */
  issues: { count: number; leftOut: number; first: ToldIssue[] };
  duplicates: {
    exact: number;
    near: number;
    threshold: number;
    /** False when there were too many rows to search all of them for near duplicates. */
    lookedNear: boolean;
    first: DuplicateRow[];
  };
  findings: {
    count: Partial<Record<PrivateKind, number>>;
    first: { line: number; kind: PrivateKind; field: string; excerpt: string }[];
  };
  statistics: RowStatistics;
}

/** Findings per row. */
const MAX_FINDINGS = 100;
/** Places listed for a repeated issue. */
const MAX_LINES = 20;

/** @throws as `importRows`, and errors of reading `known` */
export async function* inspectImport(
  file: ImportSource,
  options: InspectOptions,
): AsyncGenerator<InspectedBatch, ImportReport, undefined> {
  const { digester, languageOf, schema, licence, threshold = DEFAULT_THRESHOLD } = options;
  const finder = createDuplicateFinder(digester, { threshold });
  const known = options.known ? await remember(options.known, finder, options.signal) : [];
  const counter = createStatisticsCounter(languageOf);
  const report: Omit<ImportReport, 'statistics'> = {
    rows: 0,
    issues: { count: 0, leftOut: 0, first: [] },
    duplicates: { exact: 0, near: 0, threshold, lookedNear: true, first: [] },
    findings: { count: {}, first: [] },
  };
  const firstOf = (number: number): FirstSaid =>
    number < known.length ? { in: 'datanet', ...known[number]! } : { in: 'file', line: number - known.length };

  for await (const { rows, issues, bytes } of importRows(file, options)) {
    const batch: InspectedBatch = { rows: [], issues: [...issues], bytes };
    for (const { row, line } of rows) {
      const misfit = fitOf(row.value, line, file.name, schema, licence);
      if (misfit) {
        batch.issues.push(misfit);
        continue;
      }
      const found = finder.add(row.value, known.length + line);
      const duplicate = found && { line, kind: found.kind, similarity: found.similarity, first: firstOf(found.of) };
      const findings = findingsIn(row.value);
      counter.add(row.value);
      batch.rows.push({ row, line, duplicate, findings });
    }
    addToReport(report, batch);
    yield batch;
  }
  report.duplicates.lookedNear = finder.looksNear;
  return { ...report, statistics: counter.statistics() };
}

/** Adds the Datanet's rows in their order. */
async function remember(open: OpenVersion, finder: DuplicateFinder, signal?: AbortSignal) {
  const known: { id: string; contributor: Hex | null }[] = [];
  for (const shard of open.shards) {
    for (const { id, value } of await open.rows(shard, signal)) {
      finder.add(value, known.length);
      known.push({ id, contributor: rowContributor(value) });
    }
  }
  return known;
}

function fitOf(
  value: Parameters<SchemaCheck>[0],
  line: number,
  name: string,
  schema: SchemaCheck | undefined,
  licence: Licence | undefined,
): ImportIssue | null {
  const misfit = schema?.(value) ?? null;
  if (misfit !== null) {
    return {
      line,
      message: `${name} line ${line}: it does not fit the schema, ${misfit}.`,
      hint: 'Correct the record.',
    };
  }
  const own = rowLicence(value['licence']);
  if (!licence || own === null) return null;
  if (typeof own === 'string') {
    const message = `${name} line ${line}: its licence "${own}" is not known.`;
    return { line, message, hint: 'Name an SPDX id, such as CC-BY-4.0.' };
  }
  const [conflict] = licenceConflicts(own, licence);
  if (!conflict) return null;
  const use = conflict === 'commercial' ? 'commercial use' : 'derivatives';
  const message = `${name} line ${line}: ${own.spdx} forbids ${use}, which ${licence.spdx} of the Datanet allows.`;
  return { line, message, hint: 'Leave the record out, or choose another Datanet.' };
}

/** Searches every text that would be published. */
function findingsIn(row: JsonObject): FieldFinding[] {
  const found: FieldFinding[] = [];
  for (const { field, text } of rowTexts(row)) {
    for (const one of findPrivate(text)) if (found.length < MAX_FINDINGS) found.push({ ...one, field });
  }
  return found;
}

function tell(issues: ImportReport['issues'], issue: ImportIssue): void {
  issues.count++;
  if (issue.note === undefined) issues.leftOut++;
  const told = issue.note === undefined ? undefined : issues.first.find(({ note }) => note === issue.note);
  if (told?.lines) {
    told.times = (told.times ?? 0) + 1;
    if (told.lines.length < MAX_LINES && told.lines.at(-1) !== issue.line) told.lines.push(issue.line);
  } else if (issues.first.length < MAX_ISSUES) {
    issues.first.push(issue.note === undefined ? issue : { ...issue, times: 1, lines: [issue.line] });
  }
}

function addToReport(report: Omit<ImportReport, 'statistics'>, batch: InspectedBatch): void {
  const { issues, duplicates, findings } = report;
  report.rows += batch.rows.length;
  for (const issue of batch.issues) tell(issues, issue);
  for (const { line, duplicate, findings: found } of batch.rows) {
    if (duplicate) {
      duplicates[duplicate.kind]++;
      if (duplicates.first.length < MAX_ISSUES) duplicates.first.push(duplicate);
    }
    for (const { kind, field, excerpt } of found) {
      findings.count[kind] = (findings.count[kind] ?? 0) + 1;
      if (findings.first.length < MAX_ISSUES) findings.first.push({ line, kind, field, excerpt });
    }
  }
}
