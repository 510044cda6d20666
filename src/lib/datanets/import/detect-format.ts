// Chooses the reader for a file: by its first bytes where they are distinctive; JSON by its first line, ignoring the name;
// otherwise by the file's name, then by what its text looks like.

import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import { keepNumbers } from '#lib/dataset/records/exact-json.ts';
import { MAX_RECORD_BYTES, type ImportFile } from './import-file.ts';

export const FORMATS = ['jsonl', 'json', 'csv', 'parquet', 'text', 'markdown', 'docx', 'pdf', 'image'] as const;
export type FileFormat = (typeof FORMATS)[number];

const BY_NAME: Readonly<Record<string, FileFormat>> = {
  ...{ jsonl: 'jsonl', ndjson: 'jsonl', json: 'json', csv: 'csv', tsv: 'csv', tab: 'csv', parquet: 'parquet' },
  ...{ txt: 'text', text: 'text', log: 'text', md: 'markdown', markdown: 'markdown', docx: 'docx', pdf: 'pdf' },
  ...{ png: 'image', jpg: 'image', jpeg: 'image', gif: 'image', webp: 'image' },
};
const SAMPLE_BYTES = 4096;
/** A PDF's header may begin this late. */
const PDF_LEEWAY = 1024;

/** @throws FormatError, UnsupportedError when the file is empty or of an unsupported kind */
export async function detectFormat(file: ImportFile): Promise<FileFormat> {
  const head = await file.read(0, SAMPLE_BYTES);
  if (head.length === 0) throw new FormatError(file.name, 'it is empty', { hint: 'Choose another file.' });
  const byBytes = magicOf(head, file.name);
  if (byBytes) return byBytes;
  const byName = BY_NAME[/\.(\w+)$/.exec(file.name)?.[1]?.toLowerCase() ?? ''];
  if (byName === 'pdf' && new TextDecoder('latin1').decode(head.subarray(0, PDF_LEEWAY)).includes('%PDF-'))
    return 'pdf';
  if (head.includes(0)) {
    throw new FormatError(file.name, 'it is of a kind that is not read', {
      hint: `Known kinds: ${FORMATS.join(', ')}.`,
    });
  }
  // The name claims a format whose first bytes are distinctive, but the bytes do not match.
  if (byName && ['parquet', 'docx', 'pdf', 'image'].includes(byName)) {
    throw new FormatError(file.name, `it is not a ${byName === 'image' ? 'picture' : byName} file, despite its name`, {
      hint: 'Export it again.',
    });
  }
  const isJson = byName === 'json' || byName === 'jsonl';
  if (byName && !isJson) return byName;
  const text = textOf(head);
  if (!/^[[{]/.test(text)) return byName ?? 'text';
  return text.includes('\n') || head.length < SAMPLE_BYTES
    ? jsonFormat(text, byName)
    : jsonFormat(textOf(await file.read(0, MAX_RECORD_BYTES)), byName);
}

const textOf = (bytes: Uint8Array): string =>
  new TextDecoder()
    .decode(bytes)
    .replace(/^\uFEFF/, '')
    .trimStart();

/** JSONL when the first line is a whole value and more lines follow; JSON when it is only the beginning of a value. */
function jsonFormat(text: string, byName: FileFormat | undefined): FileFormat {
  const end = text.indexOf('\n');
  const first = (end < 0 ? text : text.slice(0, end)).trim();
  const isAlone = end < 0 || text.slice(end).trim() === '';
  if (isValue(first)) return isAlone && (byName === 'json' || first.startsWith('[')) ? 'json' : 'jsonl';
  const isBeginning = /[[{,]$/.test(first) || first.startsWith('[');
  return byName === 'json' || isBeginning ? 'json' : 'jsonl';
}

function isValue(text: string): boolean {
  try {
    JSON.parse(keepNumbers(text).source);
    return true;
  } catch {
    // Either the beginning of a value or a bad line; the last character tells which.
    return false;
  }
}

function magicOf(head: Uint8Array, name: string): FileFormat | null {
  const starts = (...bytes: number[]): boolean => bytes.every((byte, at) => head[at] === byte);
  if (starts(0x50, 0x41, 0x52, 0x31)) return 'parquet';
  if (starts(0x25, 0x50, 0x44, 0x46, 0x2d)) return 'pdf';
  if (starts(0x41, 0x52, 0x52, 0x4f, 0x57, 0x31) || starts(0x46, 0x45, 0x41, 0x31)) {
    throw new UnsupportedError(name, 'it is an Arrow or Feather file', 'Save it as Parquet.');
  }
  if (starts(0x50, 0x4b, 0x03, 0x04)) {
    if (!/\.zip$/i.test(name)) return 'docx';
    throw new UnsupportedError(name, 'it is packed with zip', 'Unpack it first.');
  }
  const isImage =
    starts(0x89, 0x50, 0x4e, 0x47) ||
    starts(0xff, 0xd8, 0xff) ||
    starts(0x47, 0x49, 0x46, 0x38) ||
    (starts(0x52, 0x49, 0x46, 0x46) && head[8] === 0x57 && head[9] === 0x45);
  return isImage ? 'image' : null;
}
