// Parses the JSON objects in a piece of a file into records, or into an issue that names the fault.

import { parseCanonical } from '#lib/formats/json/canonical-json.ts';
import { PayableError } from '#lib/core/errors.ts';
import { keepNumbers, type ChangedNumber } from '#lib/dataset/records/exact-json.ts';
import { noteOf } from './import-note.ts';
import type { ImportIssue, RecordBatch } from './import-file.ts';

const NOTHING = 'Nothing is to be done.';

export function readRecordText(text: string, where: string, line: number, batch: RecordBatch): void {
  try {
    const { source, changed } = keepNumbers(text);
    batch.records.push({ value: parseCanonical(source, where).value, line });
    for (const one of changed) batch.issues.push(noteOfNumber(one, where, line));
  } catch (error) {
    addIssue(error, line, batch);
  }
}

function noteOfNumber({ path, literal, becomes }: ChangedNumber, where: string, line: number): ImportIssue {
  if (becomes === 'null') {
    return noteOf(where, line, `field "${path}" is ${literal}, which a row cannot hold; it becomes null`, NOTHING);
  }
  const what = `field "${path}" holds numbers with more digits than JSON keeps; its numbers are kept as texts`;
  return { ...noteOf(where, line, what, NOTHING, literal.slice(0, 60)), wide: path };
}

/** Turns a fault of one record into an issue; rethrows all other errors. */
export function addIssue(error: unknown, line: number, batch: Pick<RecordBatch, 'issues'>): void {
  if (!(error instanceof PayableError)) throw error;
  batch.issues.push({ line, message: error.message, hint: error.hint ?? '' });
}
