// CSV and TSV as records: the first row names the columns, every value is a text. Papa Parse reads the fields, a piece of the
// file at a time; what a piece leaves unfinished waits for the next.

import Papa from 'papaparse';
import type { JsonObject } from '#lib/core/format/json-file.ts';
import { FormatError } from '#lib/core/format/errors.ts';
import { decodeText } from './decode-text.ts';
import { MAX_RECORD_BYTES, type RecordBatch, type RecordReader } from './import-file.ts';

interface Parsed {
  data: string[][];
  errors: { message: string; row?: number }[];
  meta: { cursor: number };
}

const DELIMITERS = [',', ';', '\t', '|'];
const MAX_COLUMNS = 1024;
/** Enough to see how lines end and what stands between fields. */
const SAMPLE_CHARS = 1 << 16;

export const readDelimited: RecordReader = async function* (file, signal) {
  let parse: ((text: string, isLast: boolean) => Parsed) | null = null;
  let columns: string[] | null = null;
  let waiting = '';
  /** Text that did not end a row is not looked at again before there is twice as much of it. */
  let worthTrying = SAMPLE_CHARS;
  let line = 1;
  const batchOf = (isLast: boolean, bytes: number): RecordBatch => {
    parse ??= createParser(waiting, file.name);
    const batch: RecordBatch = { records: [], issues: [], bytes };
    const { data, errors, meta } = parse(waiting, isLast);
    waiting = waiting.slice(meta.cursor);
    worthTrying = meta.cursor === 0 ? 2 * waiting.length : 0;
    const broken = new Map(errors.map(({ row, message }) => [row ?? data.length - 1, message]));
    for (const [row, fields] of data.entries()) {
      const at = line;
      line += 1 + lineEndsIn(fields);
      if (fields.length === 1 && fields[0]!.trim() === '') continue;
      if (!columns) columns = readHeader(fields, file.name);
      else readFields(fields, columns, { name: file.name, line: at, broken: broken.get(row) }, batch);
    }
    return batch;
  };
  for await (const { text, bytes } of decodeText(file, signal)) {
    waiting += text;
    if (waiting.length < Math.min(worthTrying, MAX_RECORD_BYTES)) continue;
    yield batchOf(false, bytes);
    if (waiting.length > MAX_RECORD_BYTES) {
      throw new FormatError(`${file.name} line ${line}`, `a field does not end within ${MAX_RECORD_BYTES} characters`, {
        hint: 'Look for a quote that is never closed.',
      });
    }
  }
  if (waiting !== '') yield batchOf(true, file.size);
};

function createParser(sample: string, name: string): (text: string, isLast: boolean) => Parsed {
  const newline = sample.includes('\r\n') ? '\r\n' : sample.includes('\n') || !sample.includes('\r') ? '\n' : '\r';
  const guess = Papa.parse(sample.slice(0, SAMPLE_CHARS), { preview: 10, delimitersToGuess: DELIMITERS, newline });
  const delimiter = /\.tsv$/i.test(name)
    ? '\t'
    : DELIMITERS.includes(guess.meta.delimiter)
      ? guess.meta.delimiter
      : ',';
  return (text, isLast) => new Papa.Parser({ delimiter, newline }).parse(text, 0, !isLast) as Parsed;
}

function readHeader(fields: readonly string[], name: string): string[] {
  if (fields.length > MAX_COLUMNS) {
    throw new FormatError(`${name} line 1`, `it has ${fields.length} columns, at most ${MAX_COLUMNS} are read`);
  }
  const names = fields.map((field, at) => field.trim() || `column ${at + 1}`);
  const twice = names.find((one, at) => names.indexOf(one) !== at);
  if (twice === undefined) return names;
  throw new FormatError(`${name} line 1`, `two columns are called "${twice.slice(0, 60)}"`, {
    hint: 'Rename one of them.',
  });
}

function readFields(
  fields: readonly string[],
  columns: readonly string[],
  { name, line, broken }: { name: string; line: number; broken: string | undefined },
  batch: RecordBatch,
): void {
  const where = `${name} line ${line}`;
  if (broken !== undefined) {
    batch.issues.push({ line, message: `${where}: ${broken}.`, hint: 'Check the quotes of this line.' });
  } else if (fields.length !== columns.length) {
    const message = `${where}: it has ${fields.length} field(s), the first line names ${columns.length}.`;
    batch.issues.push({ line, message, hint: 'Quote fields that hold the separator.' });
  } else {
    const value: JsonObject = Object.fromEntries(columns.map((column, at) => [column, fields[at]!]));
    batch.records.push({ value, line });
  }
}

function lineEndsIn(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields) {
    for (let at = field.search(/[\r\n]/); at >= 0 && at < field.length; at++) {
      const c = field[at];
      if (c === '\n' || (c === '\r' && field[at + 1] !== '\n')) count++;
    }
  }
  return count;
}
