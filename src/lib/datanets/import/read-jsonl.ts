// Lines of JSON as records. A bad line is an issue, not the end.

import { readRecordText } from './record-text.ts';
import { readLines } from '../lines.ts';
import { MAX_RECORD_BYTES, type RecordBatch, type RecordReader } from './import-file.ts';

export const readJsonl: RecordReader = async function* (file, signal) {
  const options = { name: file.name, maxLineBytes: MAX_RECORD_BYTES, signal };
  for await (const { first, lines, bytes } of readLines(file.stream(), options)) {
    const batch: RecordBatch = { records: [], issues: [], bytes };
    lines.forEach((text, index) => {
      if (text.trim() !== '') readRecordText(text, `${file.name} line ${first + index}`, first + index, batch);
    });
    yield batch;
  }
};
