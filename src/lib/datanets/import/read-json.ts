// A JSON file as records: a list of objects, read one after the other however long it is; or one object, which is a record,
// or holds the records in its only list.

import { FormatError } from '#lib/core/format/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';
import { parseCanonical } from '#lib/core/format/canonical-json.ts';
import { decodeText } from './decode-text.ts';
import {
  MAX_DOCUMENT_BYTES,
  MAX_RECORD_BYTES,
  type ImportFile,
  type RecordBatch,
  type RecordReader,
} from './import-file.ts';
import { createListSplitter } from './split-list.ts';
import { readRecordText } from './record-text.ts';

export const readJson: RecordReader = async function* (file, signal) {
  const pieces = decodeText(file, signal);
  let start = '';
  for await (const { text, bytes } of pieces) {
    start += text;
    const first = start.trimStart()[0];
    if (first === undefined) continue;
    if (first === '[') return yield* readList(file, start, bytes, pieces);
    if (first === '{') return yield* readDocument(file, start, pieces);
    throw new FormatError(file.name, 'it begins with neither a list nor an object', {
      hint: 'Save it as JSON or JSONL.',
    });
  }
};

async function* readList(
  file: ImportFile,
  start: string,
  startBytes: number,
  pieces: AsyncIterable<{ text: string; bytes: number }>,
): AsyncGenerator<RecordBatch, void, undefined> {
  const splitter = createListSplitter(file.name, MAX_RECORD_BYTES);
  const batchOf = (text: string, bytes: number): RecordBatch => {
    const batch: RecordBatch = { records: [], issues: [], bytes };
    for (const { source, line, index } of splitter.push(text)) {
      readRecordText(source, `${file.name} line ${line} (record ${index + 1})`, line, batch);
    }
    return batch;
  };
  yield batchOf(start, startBytes);
  for await (const { text, bytes } of pieces) yield batchOf(text, bytes);
  splitter.end();
}

async function* readDocument(
  file: ImportFile,
  start: string,
  pieces: AsyncIterable<{ text: string; bytes: number }>,
): AsyncGenerator<RecordBatch, void, undefined> {
  const parts = [start];
  let bytes = start.length;
  for await (const piece of pieces) {
    parts.push(piece.text);
    bytes = piece.bytes;
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw new FormatError(file.name, `it is one object of more than ${MAX_DOCUMENT_BYTES} bytes`, {
        hint: 'Save it as JSONL, or as a list of objects.',
      });
    }
  }
  const { value } = parseCanonical(parts.join(''), file.name);
  const records = recordsIn(value);
  yield { records: records.map((record, index) => ({ value: record, line: index + 1 })), issues: [], bytes };
}

/** The entries of the only list of objects that `value` has, or itself. Chats are lists of objects, too. */
function recordsIn(value: JsonObject): JsonObject[] {
  if ('messages' in value || 'conversations' in value) return [value];
  const lists = Object.values(value).filter(
    (entry): entry is JsonObject[] => Array.isArray(entry) && entry.length > 0 && entry.every(isJsonObject),
  );
  return lists.length === 1 ? lists[0]! : [value];
}
