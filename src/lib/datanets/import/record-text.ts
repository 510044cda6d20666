// One JSON object of a file as a record, or as an issue that says what is wrong with it.

import { parseCanonical } from '#lib/core/format/canonical-json.ts';
import { PayableError } from '#lib/core/errors.ts';
import type { RecordBatch } from './import-file.ts';

export function readRecordText(text: string, where: string, line: number, batch: RecordBatch): void {
  try {
    batch.records.push({ value: parseCanonical(text, where).value, line });
  } catch (error) {
    addIssue(error, line, batch);
  }
}

/** Whatever is wrong with one record; anything else goes on its way. */
export function addIssue(error: unknown, line: number, batch: Pick<RecordBatch, 'issues'>): void {
  if (!(error instanceof PayableError)) throw error;
  batch.issues.push({ line, message: error.message, hint: error.hint ?? '' });
}
