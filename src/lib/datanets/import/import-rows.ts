// The way of a file, or of pictures, into rows: its format found, its records read, their shape recognised, each mapped. Memory holds a
// batch.

import { FormatError } from '#lib/core/format/errors.ts';
import type { JsonObject } from '#lib/core/format/json-file.ts';
import type { NumberedRow } from '../write-shards.ts';
import { detectFormat, type FileFormat } from './detect-format.ts';
import type { ImportFile, ImportIssue, ImportSource, RecordBatch, RecordReader } from './import-file.ts';
import { mapRecord, type RowTerms } from './map-record.ts';
import { readDelimited } from './read-delimited.ts';
import { readDocx } from './read-docx.ts';
import { readJson } from './read-json.ts';
import { readJsonl } from './read-jsonl.ts';
import { readParquet } from './read-parquet.ts';
import { readPdf } from './read-pdf.ts';
import { readPictures, type PictureOptions } from './read-pictures.ts';
import { readMarkdown, readText } from './read-prose.ts';
import { addIssue } from './record-text.ts';
import { fieldsOfRecords, recogniseShape, type Mapping, type Shape } from './shapes.ts';

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

export interface ImportOptions extends PictureOptions {
  /** Default: what the first bytes and the name say. */
  format?: FileFormat | undefined;
  /** Default: what the first records look like. */
  mapping?: Mapping | undefined;
  keep?: readonly string[] | null;
}

export interface RowBatch {
  rows: NumberedRow[];
  issues: ImportIssue[];
  /** Bytes of the file that were read so far. */
  bytes: number;
}

export interface Preview {
  format: FileFormat;
  shape: Shape;
  /** Names of the fields that were seen, to map them. */
  fields: string[];
  /** The first records as they stand in the file. */
  records: JsonObject[];
  /** The same as rows; none when nobody knows yet how to map them. */
  rows: JsonObject[];
  issues: ImportIssue[];
}

/** Records that a shape is recognised from. */
const SAMPLE = 64;
const PREVIEWED = 5;

/** The first rows of a file, and what is wrong with it that far. Reads no more than it needs. */
export async function previewImport(source: ImportSource, options: ImportOptions = {}): Promise<Preview> {
  if ('pictures' in source) return previewPictures(source.pictures, options);
  const file = source;
  const format = options.format ?? (await detectFormat(file));
  if (format === 'image') return previewPictures([file], options);
  const sample: RecordBatch = { records: [], issues: [], bytes: 0 };
  for await (const { records, issues } of READERS[format](file, options.signal)) {
    sample.records.push(...records.slice(0, SAMPLE));
    sample.issues.push(...issues.slice(0, SAMPLE));
    if (sample.records.length >= SAMPLE || sample.issues.length >= SAMPLE) break;
  }
  const values = sample.records.slice(0, SAMPLE).map(({ value }) => value);
  const shape = recogniseShape(values);
  const mapping = options.mapping ?? shape.mapping;
  const preview = { format, shape, fields: fieldsOfRecords(values), records: values.slice(0, PREVIEWED) };
  if (!mapping) return { ...preview, rows: [], issues: sample.issues };
  const terms = termsOf(options, mapping);
  const mapped = mapBatch({ ...sample, records: sample.records.slice(0, SAMPLE) }, terms, file.name);
  return { ...preview, rows: mapped.rows.slice(0, PREVIEWED).map(({ row }) => row.value), issues: mapped.issues };
}

async function previewPictures(pictures: readonly ImportFile[], options: ImportOptions): Promise<Preview> {
  const values: JsonObject[] = [];
  const issues: ImportIssue[] = [];
  for await (const batch of readPictures(pictures.slice(0, PREVIEWED), options)) {
    values.push(...batch.rows.map(({ row }) => row.value));
    issues.push(...batch.issues);
  }
  return {
    format: 'image',
    shape: { name: 'image', mapping: null },
    fields: [],
    records: values,
    rows: values,
    issues,
  };
}

/**
 * All rows of a file. What is wrong with one record is an issue; what makes the file unreadable is thrown.
 *
 * @throws FormatError also when nobody knows how to map the records, naming their fields
 */
export async function* importRows(
  source: ImportSource,
  options: ImportOptions = {},
): AsyncGenerator<RowBatch, void, undefined> {
  if ('pictures' in source) return yield* readPictures(source.pictures, options);
  const file = source;
  const format = options.format ?? (await detectFormat(file));
  if (format === 'image') return yield* readPictures([file], options);
  let terms = options.mapping ? termsOf(options, options.mapping) : null;
  let waiting: RecordBatch[] = [];
  let seen = 0;
  const recognise = (): RowTerms => {
    const values = waiting.flatMap(({ records }) => records.map(({ value }) => value)).slice(0, SAMPLE);
    const { mapping } = recogniseShape(values);
    if (mapping) return termsOf(options, mapping);
    const names = fieldsOfRecords(values).slice(0, 20).join(', ').slice(0, 300);
    const [issue] = waiting.flatMap(({ issues }) => issues);
    if (values.length === 0 && issue)
      throw new FormatError(file.name, `no record can be read; the first: ${issue.message.replace(/\.$/, '')}`, {
        hint: issue.hint,
      });
    throw new FormatError(
      file.name,
      values.length === 0 ? 'it holds no record' : `its records are of no known shape; they have the fields ${names}`,
      {
        hint:
          values.length === 0
            ? 'Choose another file.'
            : 'Say which fields hold the prompt and the answer, or the text.',
      },
    );
  };
  for await (const batch of READERS[format](file, options.signal)) {
    if (terms) {
      yield mapBatch(batch, terms, file.name);
      continue;
    }
    waiting.push(batch);
    seen += batch.records.length + batch.issues.length;
    if (seen < SAMPLE) continue;
    terms = recognise();
    for (const one of waiting) yield mapBatch(one, terms, file.name);
    waiting = [];
  }
  if (terms) return;
  terms = recognise();
  for (const one of waiting) yield mapBatch(one, terms, file.name);
}

const termsOf = ({ keep = null, add = {} }: ImportOptions, mapping: Mapping): RowTerms => ({ mapping, keep, add });

function mapBatch({ records, issues, bytes }: RecordBatch, terms: RowTerms, name: string): RowBatch {
  const mapped: RowBatch = { rows: [], issues: [...issues], bytes };
  for (const { value, line } of records) {
    try {
      mapped.rows.push({ row: mapRecord(value, terms, `${name} line ${line}`), line });
    } catch (error) {
      addIssue(error, line, mapped);
    }
  }
  mapped.issues.sort((a, b) => a.line - b.line);
  return mapped;
}
