// Reads the text of a PDF with PDF.js, one record per page; ignores pictures, scripts and fonts.

import type { getDocumentProxy } from 'unpdf';
import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import { noteOf } from './import-note.ts';
import type { RecordBatch, RecordReader } from './import-file.ts';
import { readColumns, type PlacedText } from './pdf-columns.ts';
import { readWhole } from './read-whole.ts';

const MAX_PAGES = 5000;
const MAX_PAGE_CHARS = 1_000_000;
/** Text items per page that are sorted by place. */
const MAX_PLACED = 20_000;
/** Silences PDF.js's own log. */
const SILENT = 0;

export const readPdf: RecordReader = async function* (file, { signal } = {}) {
  const data = await readWhole(file);
  // Large and rarely used, so it is loaded on first use.
  const unpdf = await import('unpdf');
  const pdf = await unpdf.getDocumentProxy(data, { verbosity: SILENT, stopAtErrors: false }).catch((cause: unknown) => {
    if ((cause as Error).name === 'PasswordException') {
      throw new UnsupportedError(file.name, 'it is protected by a password', 'Save it without one.');
    }
    throw broken(file.name, cause);
  });
  try {
    if (pdf.numPages > MAX_PAGES) {
      throw new FormatError(file.name, `it has ${pdf.numPages} pages, at most ${MAX_PAGES} are read`, {
        hint: 'Split it.',
      });
    }
    for (let number = 1; number <= pdf.numPages; number++) {
      signal?.throwIfAborted();
      const batch: RecordBatch = { records: [], issues: [], bytes: Math.floor((file.size * number) / pdf.numPages) };
      try {
        const { text, isCut } = await readPage(pdf, number);
        if (isCut) {
          const what = `of page ${number} the first ${MAX_PAGE_CHARS} characters are read`;
          batch.issues.push(noteOf(file.name, number, what, 'Split the page.'));
        }
        if (text !== '') batch.records.push({ value: { text, page: number }, line: number });
        else batch.issues.push(noText(file.name, number));
      } catch (cause) {
        const message = `${file.name} page ${number}: it cannot be read (${firstLine(cause)}).`;
        batch.issues.push({ line: number, message, hint: 'Print the page to a new PDF.' });
      }
      yield batch;
    }
  } finally {
    await pdf.loadingTask.destroy();
  }
};

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

async function readPage(pdf: Pdf, number: number): Promise<{ text: string; isCut: boolean }> {
  const page = await pdf.getPage(number);
  const { items } = await page.getTextContent();
  const placed: PlacedText[] = [];
  let text = '';
  for (const item of items) {
    if (!('str' in item)) continue;
    text += item.str;
    if (item.hasEOL) text += '\n';
    const [, , , , x, y] = item.transform as number[];
    placed.push({ text: item.str, x: x ?? 0, y: y ?? 0, width: item.width, height: item.height });
    if (text.length > MAX_PAGE_CHARS) break;
  }
  if (placed.length < MAX_PLACED) text = readColumns(placed)?.join('\n') ?? text;
  page.cleanup();
  const lines = text.slice(0, MAX_PAGE_CHARS).split('\n');
  const kept = lines.map((line) => line.trimEnd()).join('\n');
  return { text: kept.trim().toWellFormed(), isCut: text.length > MAX_PAGE_CHARS };
}

const noText = (name: string, page: number) => ({
  line: page,
  message: `${name} page ${page}: it holds no text.`,
  hint: 'It may be a picture of text; recognise the text first.',
});

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 120);

const broken = (name: string, cause: unknown): FormatError =>
  new FormatError(name, `it is not a valid PDF (${firstLine(cause)})`, {
    hint: 'Open it in a viewer and print it to a new PDF.',
    cause,
  });
