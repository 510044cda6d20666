// Turns a file or pictures into rows: unpacks it, detects its format, reads its records and maps each by its shape. Memory holds
// one batch.

import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { NumberedRow } from '#lib/dataset/write-shards.ts';
import { detectFormat, type FileFormat } from './detect-format.ts';
import type { ImportFile, ImportIssue, ImportSource, ReadOptions, RecordBatch, RecordReader } from './import-file.ts';
import { noteOf } from './import-note.ts';
import { mapRecord, UnknownShapeError, type RowTerms } from '#lib/dataset/records/map-record.ts';
import { openFile, type OpenedFile, type OpenOptions } from './open-file.ts';
import { readDelimited } from './read-delimited.ts';
import { readDocx } from './read-docx.ts';
import { readJson } from './read-json.ts';
import { readJsonl } from './read-jsonl.ts';
import { isNumberText, readNumbers } from './read-numbers.ts';
import { readParquet } from './read-parquet.ts';
import { readPdf } from './read-pdf.ts';
import { readPictures, type PictureOptions } from './read-pictures.ts';
import { readMarkdown, readText } from './read-prose.ts';
import { addIssue } from './record-text.ts';
import type { RoleNames } from '#lib/dataset/records/roles.ts';
import { fieldsOfRecords, shapeOfMost, type Mapping, type Shape } from '#lib/dataset/records/shapes.ts';
import { findWideFields, widened } from './wide-fields.ts';

const READERS: Readonly<Record<Exclude<FileFormat, 'image'>, RecordReader>> = {
  jsonl: readJsonl,
  json: readJson,
  csv: readDelimited,
  parquet: readParquet,
  text: readText,
  markdown: readMarkdown,
  docx: readDocx,
  pdf: readPdf,
};

/** Choices of the user that override what the file looks like. */
export interface Reading extends OpenOptions, Pick<ReadOptions, 'delimiter'> {
  /** Default: by the shape of each record. */
  mapping?: Mapping | undefined;
  /** Names that this file uses for chat roles, in small letters, beside the known names. */
  roles?: RoleNames | undefined;
  /** Fields whose texts are numbers, such as columns of a CSV file. */
  numbers?: readonly string[] | undefined;
}

export interface ImportOptions extends PictureOptions, Reading {
  /** Default: detected from the file's bytes and name. */
  format?: FileFormat | undefined;
  keep?: readonly string[] | null;
  signal?: AbortSignal | undefined;
}

export interface RowBatch {
  rows: NumberedRow[];
  issues: ImportIssue[];
  /** Bytes of the file read so far. */
  bytes: number;
}

export interface Preview {
  format: FileFormat;
  /** Shape of most of the first records; null when it is unknown. */
  shape: Shape | null;
  /** Names of all fields seen, to choose a mapping. */
  fields: string[];
  /** Text fields that could be read as numbers. */
  numeric: string[];
  /** The first records, unmapped. */
  records: JsonObject[];
  /** The first records as rows; empty while the mapping is unknown. */
  rows: JsonObject[];
  issues: ImportIssue[];
}

/** Records read for the preview, before the user confirms how to read the file. */
const SAMPLE = 64;
const PREVIEWED = 5;

/** The first rows of a file and the issues so far. Reads no more than it needs. */
export async function previewImport(source: ImportSource, options: ImportOptions = {}): Promise<Preview> {
  if ('pictures' in source) return previewPictures(source.pictures, options);
  const file = await openFile(source, options);
  const format = await formatOf(file, options);
  if (format === 'image') return previewPictures([source], options);
  const sample: RecordBatch = { records: [], issues: [], bytes: 0 };
  for await (const { records, issues } of READERS[format](file, options)) {
    sample.records.push(...records.slice(0, SAMPLE));
    sample.issues.push(...issues.slice(0, SAMPLE));
    if (sample.records.length >= SAMPLE || sample.issues.length >= SAMPLE) break;
  }
  sample.records = sample.records.slice(0, SAMPLE);
  const values = sample.records.map(({ value }) => value);
  const fields = fieldsOfRecords(values);
  const { rows, issues } = mapBatch(sample, options, file.name, { rows: 0, unknown: null, first: null });
  return {
    format,
    shape: shapeOfMost(values),
    fields,
    numeric: fields.filter((name) => isNumeric(values, name)),
    records: values.slice(0, PREVIEWED),
    rows: rows.slice(0, PREVIEWED).map(({ row }) => row.value),
    issues: issues.filter(({ note }, at) => note === undefined || issues.findIndex((one) => one.note === note) === at),
  };
}

/** Formats that need random access cannot be read from a compressed file. */
async function formatOf(file: OpenedFile, { format }: ImportOptions): Promise<FileFormat> {
  const found = format ?? (await detectFormat(file));
  if (!file.taken || !['parquet', 'docx', 'pdf', 'image'].includes(found)) return found;
  throw new UnsupportedError(file.name, `it is a packed file of kind ${found}`, 'Unpack it first.');
}

/** Whether every value of the field is a number written as text. */
function isNumeric(values: readonly JsonObject[], name: string): boolean {
  const said = values.map((value) => value[name]).filter((value) => value !== undefined && value !== '');
  return name !== 'id' && said.length > 0 && said.every((value) => typeof value === 'string' && isNumberText(value));
}

async function previewPictures(pictures: readonly ImportFile[], options: ImportOptions): Promise<Preview> {
  const values: JsonObject[] = [];
  const issues: ImportIssue[] = [];
  for await (const batch of readPictures(pictures.slice(0, PREVIEWED), options)) {
    values.push(...batch.rows.map(({ row }) => row.value));
    issues.push(...batch.issues);
  }
  return { format: 'image', shape: null, fields: [], numeric: [], records: values, rows: values, issues };
}

/** Counts over the records so far. */
interface Tally {
  rows: number;
  /** The fields of the first record of unknown shape, and the first refused record. */
  unknown: readonly string[] | null;
  first: ImportIssue | null;
}

/**
 * All rows of a file. A faulty record becomes an issue; an unreadable file throws.
 * @throws FormatError with the reason, also when no record became a row
 */
export async function* importRows(
  source: ImportSource,
  options: ImportOptions = {},
): AsyncGenerator<RowBatch, void, undefined> {
  if ('pictures' in source) return yield* readPictures(source.pictures, options);
  const file = await openFile(source, options);
  const format = await formatOf(file, options);
  if (format === 'image') return yield* readPictures([source], options);
  const read = READERS[format];
  const isJson = format === 'json' || format === 'jsonl';
  const wide = isJson ? await findWideFields(file, read, options) : new Set<string>();
  const tally: Tally = { rows: 0, unknown: null, first: null };
  for await (const batch of read(file, options)) {
    const records = batch.records.map(({ value, line }) => ({ value: widened(value, wide), line }));
    yield mapBatch({ ...batch, records, bytes: file.taken?.() ?? batch.bytes }, options, file.name, tally);
  }
  if (tally.rows === 0) throw noRow(file.name, tally);
}

function noRow(name: string, { unknown, first }: Tally): FormatError {
  if (unknown) {
    const fields = unknown.slice(0, 20).join(', ').slice(0, 300);
    return new FormatError(name, `its records are of unknown shape; they have the fields ${fields}`, {
      hint: 'Say which fields hold the prompt and the answer, or the text.',
    });
  }
  if (!first) return new FormatError(name, 'it holds no record', { hint: 'Choose another file.' });
  const why = first.message.replace(/\.$/, '');
  return new FormatError(name, `no record can be read; the first: ${why}`, { hint: first.hint });
}

function mapBatch(
  { records, issues, bytes }: RecordBatch,
  options: ImportOptions,
  name: string,
  tally: Tally,
): RowBatch {
  const { mapping = null, roles = {}, keep = null, add = {}, numbers = [] } = options;
  const terms: RowTerms = { mapping, roles, keep, add };
  const mapped: RowBatch = { rows: [], issues: [...issues], bytes };
  for (const { value, line } of records) {
    const where = `${name} line ${line}`;
    try {
      const { row, notes } = mapRecord(readNumbers(value, numbers, where), terms, where);
      mapped.rows.push({ row, line });
      for (const what of notes) mapped.issues.push(noteOf(where, line, what, 'Rename the field, to choose its name.'));
    } catch (error) {
      if (error instanceof UnknownShapeError) tally.unknown ??= Object.keys(value);
      addIssue(error, line, mapped);
    }
  }
  mapped.issues.sort((a, b) => a.line - b.line);
  tally.rows += mapped.rows.length;
  tally.first ??= mapped.issues.find(({ note }) => note === undefined) ?? null;
  return mapped;
}
