// Reads a Word document: its paragraphs are grouped like plain text. The archive names the main part. Other parts stay compressed
// and are reported when they hold readable content.

import { FormatError } from '#lib/formats/errors.ts';
import { readDocxNotes, readDocxStyles, readDocxText } from './docx-text.ts';
import type { RecordBatch, RecordReader } from './import-file.ts';
import { noteOf } from './import-note.ts';
import { createPassages } from './passages.ts';
import { readWhole } from './read-whole.ts';
import { unzipEntries } from './unzip-entries.ts';

const RELATIONS = '_rels/.rels';
/** Unpacked XML: some thousand pages. */
const MAX_TEXT_BYTES = 16 << 20;
const LEFT_OUT: readonly [RegExp, string][] = [
  [/(?:^|\/)comments\.xml$/, 'comments'],
  [/(?:^|\/)(?:header|footer)\d*\.xml$/, 'headers or footers'],
  [/(?:^|\/)media\/./, 'pictures'],
  [/(?:^|\/)embeddings\/./, 'embedded files'],
];

export const readDocx: RecordReader = async function* (file, { signal } = {}) {
  const bytes = await readWhole(file);
  const batch: RecordBatch = { records: [], issues: [], bytes: file.size };
  const broken = (what: string, cause?: unknown): FormatError =>
    new FormatError(file.name, what, { hint: 'Open it in Word or LibreOffice and save it again.', cause });
  const tell = (what: string): void => {
    batch.issues.push(noteOf(file.name, 1, what, 'Put what matters into the text.'));
  };
  try {
    const { texts: relations, names } = unzipEntries(bytes, (name) => name === RELATIONS, MAX_TEXT_BYTES, signal);
    const main = mainPart(relations.get(RELATIONS) ?? '');
    const folder = main.slice(0, main.lastIndexOf('/') + 1);
    const part = (name: string): string => `${folder}${name}.xml`;
    const wanted = [main, part('footnotes'), part('endnotes'), part('styles')];
    const { texts } = unzipEntries(bytes, (name) => wanted.includes(name), MAX_TEXT_BYTES, signal);
    const text = texts.get(main);
    if (text === undefined) throw broken(`it is not a Word document: it holds no ${main.slice(0, 80)}`);
    const notes = new Map<string, string>();
    for (const kind of ['footnote', 'endnote']) {
      const xml = texts.get(part(`${kind}s`));
      if (xml !== undefined) readDocxNotes(xml, `w:${kind}Reference`, notes);
    }
    const styles = texts.has(part('styles')) ? readDocxStyles(texts.get(part('styles'))!) : new Map<string, number>();
    const fonts = new Set<string>();
    const passages = createPassages();
    let count = 0;
    readDocxText(
      text,
      (paragraph) => {
        count++;
        const lines = paragraph.text.split('\n');
        if (paragraph.level > 0 && lines.length === 1)
          passages.heading(paragraph.level, paragraph.text.trim(), count, batch);
        else for (const line of lines) passages.line(line, count, batch);
        passages.line('', count, batch);
      },
      { styles, notes, onOddSign: (font) => fonts.add(font) },
    );
    passages.end(batch);
    for (const font of fonts)
      tell(`it holds signs of the font ${font.slice(0, 40)}, which are kept by their numbers there`);
    for (const [pattern, what] of LEFT_OUT)
      if (names.some((name) => pattern.test(name))) tell(`it holds ${what}, which are left out`);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof FormatError) throw cause;
    throw broken(`it is not a valid Word document (${(cause as Error).message.split('\n')[0]!.slice(0, 120)})`, cause);
  }
  yield batch;
};

/** The path of the main document, from the archive's relations; Word's default otherwise. */
function mainPart(relations: string): string {
  for (const [relation] of relations.matchAll(/<Relationship\b[^>]{0,1000}>/g)) {
    if (!/\bType="[^"]{0,200}\/officeDocument"/.test(relation)) continue;
    const target = /\bTarget="([^"]{1,200})"/.exec(relation)?.[1];
    if (target !== undefined) return target.replace(/^\//, '');
  }
  return 'word/document.xml';
}
