// Reads CSV and TSV: the first line names the columns, every value is a text. A line with another number of fields is an issue.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { decodeText } from './decode-text.ts';
import { guessDelimiter } from './guess-delimiter.ts';
import { MAX_RECORD_BYTES, type RecordBatch, type RecordReader } from './import-file.ts';
import { createDelimitedParser, type DelimitedLine, type DelimitedParser } from './parse-delimited.ts';

const MAX_COLUMNS = 1024;
/** Long enough to detect the separator. */
const SAMPLE_CHARS = 1 << 16;

export const readDelimited: RecordReader = async function* (file, { signal, delimiter } = {}) {
  let parser: DelimitedParser | null = null;
  let columns: string[] | null = null;
  let linesBefore = 0;
  let waiting = '';
  const open = (isWhole: boolean): DelimitedParser => {
    const guess = guessDelimiter(waiting, isWhole);
    if (guess.skip > 0) linesBefore = 1;
    waiting = waiting.slice(guess.skip);
    return createDelimitedParser(delimiter ?? (/\.(?:tsv|tab)$/i.test(file.name) ? '\t' : guess.delimiter));
  };
  const batchOf = (lines: readonly DelimitedLine[], bytes: number): RecordBatch => {
    const batch: RecordBatch = { records: [], issues: [], bytes };
    for (const one of lines) {
      const line = one.line + linesBefore;
      if (columns) readFields({ ...one, line }, columns, file.name, batch);
      else columns = readHeader({ ...one, line }, file.name);
    }
    return batch;
  };
  for await (const { text, bytes } of decodeText(file, signal)) {
    waiting += text;
    if (!parser && waiting.length < SAMPLE_CHARS) continue;
    parser ??= open(false);
    yield batchOf(parser.push(waiting), bytes);
    waiting = '';
    if (parser.waiting > MAX_RECORD_BYTES) {
      const where = `${file.name} line ${parser.line + linesBefore}`;
      throw new FormatError(where, `a field does not end within ${MAX_RECORD_BYTES} characters`, {
        hint: 'Look for a quote that is never closed.',
      });
    }
  }
  parser ??= open(true);
  yield batchOf([...parser.push(waiting), ...parser.end()], file.size);
};

function readHeader({ fields, line, fault }: DelimitedLine, name: string): string[] {
  const where = `${name} line ${line}`;
  if (fault !== null) throw new FormatError(where, fault, { hint: 'Check the quotes of the names of columns.' });
  if (fields.length > MAX_COLUMNS) {
    throw new FormatError(where, `it has ${fields.length} columns, at most ${MAX_COLUMNS} are read`);
  }
  const names = fields.map((field, at) => field.trim() || `column ${at + 1}`);
  const seen = new Set<string>();
  for (const one of names) {
    if (seen.has(one)) {
      throw new FormatError(where, `two columns are called "${one.slice(0, 60)}"`, { hint: 'Rename one of them.' });
    }
    seen.add(one);
  }
  return names;
}

function readFields(
  { fields, line, fault }: DelimitedLine,
  columns: readonly string[],
  name: string,
  batch: RecordBatch,
): void {
  const where = `${name} line ${line}`;
  // A blank line, or extra separators at the end of a line, hold no data.
  if (fields.length === 1 && columns.length > 1 && fields[0]!.trim() === '') return;
  const tooMany = fields.slice(columns.length).some((field) => field !== '');
  if (fault !== null) {
    batch.issues.push({ line, message: `${where}: ${fault}.`, hint: 'Write each quote within a field twice.' });
  } else if (fields.length < columns.length || tooMany) {
    const message = `${where}: it has ${fields.length} field(s), the first line names ${columns.length}.`;
    batch.issues.push({ line, message, hint: 'Quote fields that hold the separator, or name it.' });
  } else {
    const value: JsonObject = Object.fromEntries(columns.map((column, at) => [column, fields[at]!]));
    batch.records.push({ value, line });
  }
}
