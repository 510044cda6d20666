// Reads plain text and Markdown: groups lines into passages. In Markdown it recognises headings and code fences, inside which
// nothing is a heading.

import { readLines } from '#lib/dataset/lines.ts';
import { MAX_RECORD_BYTES, type RecordBatch, type RecordReader } from './import-file.ts';
import { createPassages, type Passages } from './passages.ts';

type TakeLine = (line: string, at: number, batch: RecordBatch) => void;

const MAX_HEADING_CHARS = 1000;

function createMarkdown(passages: Passages): TakeLine {
  /** The fence that opened the current code block. */
  let fence: string | null = null;
  /** A Markdown file may start with front matter in YAML. */
  let mayBeFront = false;
  return (line, at, batch) => {
    const isFront = mayBeFront && /^[\w-]{1,60}[ \t]*:/.test(line);
    mayBeFront = at === 1 && line.trimEnd() === '---';
    if (isFront) fence = '---';
    const [indented, mark] = /^\s{0,100}(`{3,}|~{3,})/.exec(line) ?? [];
    const after = line.slice(indented?.length ?? 0);
    if (fence !== null) {
      const closes = fence === '---' ? line.trimEnd() === fence : mark?.startsWith(fence) && after.trim() === '';
      passages.line(line, at, batch, true);
      if (closes) fence = null;
      return;
    }
    if (mark && !(mark.startsWith('`') && after.includes('`'))) {
      fence = mark;
      passages.line(line, at, batch, true);
      return;
    }
    const heading =
      line.length > MAX_HEADING_CHARS ? null : /^ {0,3}(#{1,6})(?:[ \t]+(\S.*)|[ \t]*)$/.exec(line.trimEnd());
    if (heading)
      passages.heading(heading[1]!.length, (heading[2] ?? '').replace(/(?:^|[ \t])#+$/, '').trimEnd(), at, batch);
    else passages.line(line, at, batch);
  };
}

const readProse = (create: (passages: Passages) => TakeLine): RecordReader =>
  async function* (file, { signal } = {}) {
    const passages = createPassages();
    const take = create(passages);
    const options = { name: file.name, maxLineBytes: MAX_RECORD_BYTES, signal };
    for await (const { first, lines, bytes } of readLines(file.stream(), options)) {
      const batch: RecordBatch = { records: [], issues: [], bytes };
      lines.forEach((line, index) => take(line.replace(/\r$/, ''), first + index, batch));
      yield batch;
    }
    const last: RecordBatch = { records: [], issues: [], bytes: file.size };
    passages.end(last);
    yield last;
  };

export const readText = readProse((passages) => (line, at, batch) => passages.line(line, at, batch));
export const readMarkdown = readProse(createMarkdown);
