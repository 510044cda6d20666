// The text of a Word document: paragraphs of word/document.xml, gathered as plain text is. Everything else in the archive is
// left unopened, and no entity of its XML is ever fetched or expanded.

import { Unzip, UnzipInflate } from 'fflate';
import { SaxesParser } from 'saxes';
import { FormatError } from '#lib/core/format/errors.ts';
import type { RecordBatch, RecordReader } from './import-file.ts';
import { createPassages, type Passages } from './read-prose.ts';
import { readWhole } from './read-whole.ts';

const TEXT = 'word/document.xml';
const PIECE = 1 << 16;
/** Of the XML, unpacked: some thousand pages. */
const MAX_TEXT_BYTES = 16 << 20;

export const readDocx: RecordReader = async function* (file, { signal } = {}) {
  const batch: RecordBatch = { records: [], issues: [], bytes: file.size };
  const passages = createPassages(true);
  const paragraphs = createParagraphs(passages, batch);
  const bytes = await readWhole(file);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  // Set by what the archive calls back.
  const read: { found: boolean } = { found: false };
  let unpacked = 0;
  let failure: FormatError | undefined;
  const broken = (what: string, cause?: unknown): FormatError =>
    new FormatError(file.name, what, { hint: 'Open it in Word or LibreOffice and save it again.', cause });
  const unsound = (cause: unknown): FormatError =>
    broken(`it is no sound Word document (${(cause as Error).message.split('\n')[0]!.slice(0, 120)})`, cause);
  const unzip = new Unzip((entry) => {
    if (entry.name !== TEXT || read.found) return;
    read.found = true;
    entry.ondata = (error, piece, isLast) => {
      // What is thrown below comes back here once more, as an error of the archive.
      if (error) throw failure ?? broken('its text cannot be unpacked', error);
      try {
        unpacked += piece.length;
        if (unpacked > MAX_TEXT_BYTES) throw new RangeError(`its text is longer than ${MAX_TEXT_BYTES} bytes`);
        paragraphs.write(decoder.decode(piece, { stream: !isLast }));
      } catch (cause) {
        failure = unsound(cause);
        throw failure;
      }
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  try {
    for (let at = 0; at < bytes.length || at === 0; at += PIECE) {
      signal?.throwIfAborted();
      unzip.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
    }
    if (read.found) paragraphs.close();
  } catch (cause) {
    signal?.throwIfAborted();
    throw cause instanceof FormatError ? cause : unsound(cause);
  }
  if (!read.found) throw broken('it is no Word document: it holds no word/document.xml');
  passages.end(batch);
  yield batch;
};

function createParagraphs(passages: Passages, batch: RecordBatch) {
  const parser = new SaxesParser();
  let text = '';
  let level = 0;
  let count = 0;
  let inText = false;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'w:t') inText = true;
    else if (name === 'w:tab') text += '\t';
    else if (name === 'w:br' || name === 'w:cr') text += '\n';
    else if (name === 'w:p') [text, level] = ['', 0];
    else if (name === 'w:pStyle') level = Number(/^Heading([1-6])$/.exec(attributes['w:val'] ?? '')?.[1] ?? 0);
  });
  parser.on('text', (piece) => {
    if (inText) text += piece;
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'w:t') inText = false;
    if (name !== 'w:p') return;
    count++;
    const lines = text.split('\n');
    if (level > 0 && lines.length === 1) passages.add(`${'#'.repeat(level)} ${text}`, count, batch);
    else for (const line of lines) passages.add(line.startsWith('#') ? ` ${line}` : line, count, batch);
    passages.add('', count, batch);
  });
  return parser;
}
