// Reads lines of JSON: an object, a list of objects, or several objects. A bad line is an issue; reading continues.

import { PayableError } from '#lib/core/errors.ts';
import { readLines } from '#lib/dataset/lines.ts';
import { MAX_RECORD_BYTES, type RecordBatch, type RecordReader } from './import-file.ts';
import { readRecordText } from './record-text.ts';
import { createListSplitter } from './split-list.ts';
import { createObjectSplitter } from './split-objects.ts';

export const readJsonl: RecordReader = async function* (file, { signal } = {}) {
  const options = { name: file.name, maxLineBytes: MAX_RECORD_BYTES, signal };
  for await (const { first, lines, bytes } of readLines(file.stream(), options)) {
    const batch: RecordBatch = { records: [], issues: [], bytes };
    lines.forEach((text, index) => {
      if (text.trim() !== '') readLine(text, `${file.name} line ${first + index}`, first + index, batch);
    });
    yield batch;
  }
};

function readLine(text: string, where: string, line: number, batch: RecordBatch): void {
  const found: RecordBatch = { records: [], issues: [], bytes: 0 };
  readRecordText(text, where, line, found);
  const parts = found.records.length === 0 ? partsOf(text) : [];
  if (parts.length > 0) found.issues = [];
  const many = parts.length > 1;
  parts.forEach((part, at) => readRecordText(part, many ? `${where} (record ${at + 1})` : where, line, found));
  batch.records.push(...found.records);
  batch.issues.push(...found.issues);
}

/** The objects of a line: entries of a list or concatenated objects; empty when it is neither. */
function partsOf(text: string): string[] {
  const isList = text.trimStart().startsWith('[');
  const splitter = isList ? createListSplitter('', MAX_RECORD_BYTES) : createObjectSplitter('', MAX_RECORD_BYTES);
  try {
    const parts = splitter.push(text);
    splitter.end();
    // A single object was parsed before.
    return !isList && parts.length === 1 && parts[0]!.source === text.trim() ? [] : parts.map(({ source }) => source);
  } catch (error) {
    if (error instanceof PayableError) return [];
    throw error;
  }
}
