// Reads a JSON file: a list of objects of any length, one after the other; concatenated objects; or one object that is a record,
// or holds the records in its only list.

import { FormatError } from '#lib/formats/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { decodeText } from './decode-text.ts';
import { noteOf } from './import-note.ts';
import {
  MAX_DOCUMENT_BYTES,
  MAX_RECORD_BYTES,
  type FileRecord,
  type ImportFile,
  type RecordBatch,
  type RecordReader,
} from './import-file.ts';
import { createListSplitter } from './split-list.ts';
import { createObjectSplitter, type ObjectText } from './split-objects.ts';
import { readRecordText } from './record-text.ts';
import { shapeOf } from '#lib/dataset/records/shapes.ts';

/** Names of dataset splits, which a file may hold as lists side by side. */
const SPLITS = ['train', 'test', 'validation', 'valid', 'val', 'dev', 'eval'];

type Pieces = AsyncIterable<{ text: string; bytes: number }>;

export const readJson: RecordReader = async function* (file, { signal } = {}) {
  const pieces = decodeText(file, signal);
  let start = '';
  for await (const { text, bytes } of pieces) {
    start += text;
    const first = start.trimStart()[0];
    if (first === undefined) continue;
    if (first === '[') return yield* readList(file, start, bytes, pieces);
    if (first === '{') return yield* readObjects(file, start, bytes, pieces);
    throw new FormatError(file.name, 'it begins with neither a list nor an object', {
      hint: 'Save it as JSON or JSONL.',
    });
  }
};

async function* readList(
  file: ImportFile,
  start: string,
  startBytes: number,
  pieces: Pieces,
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

async function* readObjects(
  file: ImportFile,
  start: string,
  startBytes: number,
  pieces: Pieces,
): AsyncGenerator<RecordBatch, void, undefined> {
  const splitter = createObjectSplitter(file.name, MAX_DOCUMENT_BYTES);
  // The first object is the whole document unless a second one follows.
  let only: ObjectText | null = null;
  let count = 0;
  const batchOf = (text: string, bytes: number): RecordBatch => {
    const batch: RecordBatch = { records: [], issues: [], bytes };
    for (const one of splitter.push(text)) {
      if (++count === 1) only = one;
      else {
        if (only) readOne(only, file.name, batch);
        only = null;
        readOne(one, file.name, batch);
      }
    }
    return batch;
  };
  yield batchOf(start, startBytes);
  for await (const { text, bytes } of pieces) yield batchOf(text, bytes);
  splitter.end();
  const last = only as ObjectText | null;
  if (last) yield readDocument(last, file);
}

const readOne = ({ source, line }: ObjectText, name: string, batch: RecordBatch): void =>
  readRecordText(source, `${name} line ${line}`, line, batch);

function readDocument(text: ObjectText, file: ImportFile): RecordBatch {
  const batch: RecordBatch = { records: [], issues: [], bytes: file.size };
  readOne(text, file.name, batch);
  const [document] = batch.records;
  if (!document) return batch;
  const records = recordsIn(document.value, file.name, batch);
  return { ...batch, records };
}

/** The records of a document: of its only list of objects, of its splits, or the document itself. */
function recordsIn(value: JsonObject, name: string, batch: RecordBatch): FileRecord[] {
  const itself = [{ value, line: 1 }];
  if (shapeOf(value)) return itself;
  const lists = Object.entries(value).filter((entry): entry is [string, JsonObject[]] => isListOfObjects(entry[1]));
  const areParts = lists.length > 1 && lists.every(([part]) => SPLITS.includes(part));
  if (lists.length !== 1 && !areParts) return itself;
  for (const other of Object.keys(value)) {
    if (lists.some(([list]) => list === other)) continue;
    const what = `field "${other.slice(0, 60)}" stands beside the list "${lists[0]![0].slice(0, 60)}" and is left out`;
    batch.issues.push(noteOf(name, 1, what, 'Put it into the records, or into the description of the Datanet.'));
  }
  const records = lists.flatMap(([part, list]) =>
    list.map((one) => (areParts && !('split' in one) ? { ...one, split: part } : one)),
  );
  return records.map((record, index) => ({ value: record, line: index + 1 }));
}

const isListOfObjects = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isJsonObject);
