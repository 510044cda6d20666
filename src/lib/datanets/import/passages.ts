// Groups paragraphs into passages of a size that suits training. A heading begins a passage and is stored with it, together with
// the headings above it; a heading without text below is a passage of its own.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { RecordBatch } from './import-file.ts';

/** The paragraph that passes this length ends the passage. */
const PASSAGE_CHARS = 2000;
/** Text without empty lines is cut at the first length, a code block at the second. */
const [MAX_CHARS, MAX_CODE_CHARS] = [4 * PASSAGE_CHARS, 64 * PASSAGE_CHARS];

export interface Passages {
  /** Adds a line; completed passages go to `batch`. A line of code never ends a passage. */
  line(text: string, at: number, batch: RecordBatch, isCode?: boolean): void;
  /** A heading of level 1 or below. */
  heading(level: number, title: string, at: number, batch: RecordBatch): void;
  end(batch: RecordBatch): void;
}

interface Heading {
  level: number;
  title: string;
  at: number;
  /** Some text follows below it. */
  isUsed: boolean;
}

export function createPassages(): Passages {
  const open: Heading[] = [];
  let paragraphs: string[] = [];
  let paragraph: string[] = [];
  let start = 0;
  let chars = 0;
  const endParagraph = (): void => {
    if (paragraph.length > 0) paragraphs.push(paragraph.join('\n'));
    paragraph = [];
  };
  const recordOf = (text: string, heading: string | undefined, above: readonly Heading[]): JsonObject => ({
    text,
    ...(heading !== undefined && { heading }),
    ...(above.length > 0 && { under: above.map(({ title }) => title) }),
  });
  const endPassage = (batch: RecordBatch): void => {
    endParagraph();
    const text = paragraphs.join('\n\n');
    if (text !== '') {
      batch.records.push({ value: recordOf(text, open.at(-1)?.title, open.slice(0, -1)), line: start });
      for (const one of open) one.isUsed = true;
    }
    paragraphs = [];
    chars = 0;
    start = 0;
  };
  /** Closes the headings down to `level`. */
  const close = (level: number, batch: RecordBatch): void => {
    for (let last = open.at(-1); last && last.level >= level; last = open.at(-1)) {
      open.pop();
      if (last.isUsed || last.title === '') continue;
      batch.records.push({ value: recordOf(last.title, undefined, open), line: last.at });
      for (const one of open) one.isUsed = true;
    }
  };
  return {
    line(text, at, batch, isCode = false) {
      const isBlank = text.trim() === '';
      if (isBlank && !isCode) {
        endParagraph();
        if (chars >= PASSAGE_CHARS) endPassage(batch);
        return;
      }
      if (start === 0) start = at;
      paragraph.push(text);
      chars += text.length + 1;
      if (chars >= (isCode ? MAX_CODE_CHARS : MAX_CHARS)) endPassage(batch);
    },
    heading(level, title, at, batch) {
      endPassage(batch);
      close(level, batch);
      open.push({ level, title, at, isUsed: false });
    },
    end(batch) {
      endPassage(batch);
      close(0, batch);
    },
  };
}
