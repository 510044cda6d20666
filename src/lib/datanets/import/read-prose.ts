// Plain text and Markdown as records: paragraphs, gathered to passages of a size that models are trained on. A heading of
// Markdown begins a passage and is kept beside it.

import { readLines } from '../lines.ts';
import { MAX_RECORD_BYTES, type RecordBatch, type RecordReader } from './import-file.ts';

/** A passage ends with the paragraph that takes it past this. */
const PASSAGE_CHARS = 2000;

export interface Passages {
  /** Takes a line in; passages that end before it go to `batch`. */
  add(line: string, at: number, batch: RecordBatch): void;
  end(batch: RecordBatch): void;
}

/** Gathers lines to passages. With `headings`, lines such as `## Title` begin one. */
export function createPassages(headings: boolean): Passages {
  let paragraphs: string[] = [];
  let paragraph: string[] = [];
  let heading: string | null = null;
  let start = 0;
  let chars = 0;
  const endParagraph = (): void => {
    if (paragraph.length > 0) paragraphs.push(paragraph.join('\n'));
    paragraph = [];
  };
  const end = (batch: RecordBatch): void => {
    endParagraph();
    const text = paragraphs.join('\n\n');
    if (text !== '') batch.records.push({ value: heading === null ? { text } : { text, heading }, line: start });
    paragraphs = [];
    chars = 0;
    start = 0;
  };
  return {
    add(line, at, batch) {
      const title = headings ? /^#{1,6}\s+(.*?)\s*#*\s*$/.exec(line.slice(0, 1000))?.[1] : undefined;
      if (title !== undefined) {
        end(batch);
        heading = title;
        return;
      }
      if (line.trim() === '') {
        endParagraph();
        if (chars >= PASSAGE_CHARS) end(batch);
        return;
      }
      if (start === 0) start = at;
      paragraph.push(line.trimEnd());
      chars += line.length + 1;
      // A text without empty lines is cut, too.
      if (chars >= 4 * PASSAGE_CHARS) end(batch);
    },
    end,
  };
}

const readProse = (headings: boolean): RecordReader =>
  async function* (file, { signal } = {}) {
    const passages = createPassages(headings);
    const options = { name: file.name, maxLineBytes: MAX_RECORD_BYTES, signal };
    for await (const { first, lines, bytes } of readLines(file.stream(), options)) {
      const batch: RecordBatch = { records: [], issues: [], bytes };
      lines.forEach((line, index) => passages.add(line, first + index, batch));
      yield batch;
    }
    const last: RecordBatch = { records: [], issues: [], bytes: file.size };
    passages.end(last);
    yield last;
  };

export const readText = readProse(false);
export const readMarkdown = readProse(true);
