// Which reader a file is for: by its first bytes where they say it, else by its name, else by what its text looks like.

import { FormatError } from '#lib/core/format/errors.ts';
import type { ImportFile } from './import-file.ts';

export const FORMATS = ['jsonl', 'json', 'csv', 'parquet', 'text', 'markdown', 'docx', 'pdf', 'image'] as const;
export type FileFormat = (typeof FORMATS)[number];

const BY_NAME: Readonly<Record<string, FileFormat>> = {
  ...{ jsonl: 'jsonl', ndjson: 'jsonl', json: 'json', csv: 'csv', tsv: 'csv', tab: 'csv', parquet: 'parquet' },
  ...{ txt: 'text', text: 'text', log: 'text', md: 'markdown', markdown: 'markdown', docx: 'docx', pdf: 'pdf' },
  ...{ png: 'image', jpg: 'image', jpeg: 'image', gif: 'image', webp: 'image' },
};
const SAMPLE_BYTES = 4096;

/** @throws FormatError when it is empty, or of a kind that is not read */
export async function detectFormat(file: ImportFile): Promise<FileFormat> {
  if (file.size === 0) throw new FormatError(file.name, 'it is empty', { hint: 'Choose another file.' });
  const head = await file.read(0, Math.min(file.size, SAMPLE_BYTES));
  const byBytes = magicOf(head);
  if (byBytes) return byBytes;
  if (head.includes(0)) {
    throw new FormatError(file.name, isUtf16(head) ? 'it is UTF-16' : 'it is of a kind that is not read', {
      hint: isUtf16(head) ? 'Save it as UTF-8.' : `Known kinds: ${FORMATS.join(', ')}.`,
    });
  }
  const byName = BY_NAME[/\.(\w+)$/.exec(file.name)?.[1]?.toLowerCase() ?? ''];
  // The name of a kind that its first bytes give away, without those bytes.
  if (byName && ['parquet', 'docx', 'pdf', 'image'].includes(byName)) {
    throw new FormatError(
      file.name,
      `it is no ${byName === 'image' ? 'picture' : byName} file, whatever its name says`,
      {
        hint: 'Export it again.',
      },
    );
  }
  const text = new TextDecoder()
    .decode(head)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (byName === 'json' && text.startsWith('{') && /}\s*\n\s*{/.test(text)) return 'jsonl';
  if (byName) return byName;
  if (text.startsWith('[')) return 'json';
  return text.startsWith('{') ? 'jsonl' : 'text';
}

function magicOf(head: Uint8Array): FileFormat | null {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, at) => head[at] === byte);
  if (starts(0x50, 0x41, 0x52, 0x31)) return 'parquet';
  if (starts(0x25, 0x50, 0x44, 0x46, 0x2d)) return 'pdf';
  if (starts(0x50, 0x4b, 0x03, 0x04)) return 'docx';
  const isImage =
    starts(0x89, 0x50, 0x4e, 0x47) ||
    starts(0xff, 0xd8, 0xff) ||
    starts(0x47, 0x49, 0x46, 0x38) ||
    (starts(0x52, 0x49, 0x46, 0x46) && head[8] === 0x57 && head[9] === 0x45);
  return isImage ? 'image' : null;
}

const isUtf16 = (head: Uint8Array): boolean =>
  (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
