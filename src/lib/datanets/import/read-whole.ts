// Reads a whole file of a format that needs all of it in memory, up to a limit.

import { FileTruncatedError, FormatError } from '#lib/formats/errors.ts';
import { MAX_DOCUMENT_BYTES, type ImportFile } from './import-file.ts';

/** @throws FormatError when the file is too large */
export async function readWhole(file: ImportFile, maxBytes = MAX_DOCUMENT_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > maxBytes) {
    throw new FormatError(file.name, `it has ${file.size} bytes; files of its kind are read up to ${maxBytes}`, {
      hint: 'Split it.',
    });
  }
  const bytes = await file.read(0, file.size);
  if (bytes.length !== file.size) throw new FileTruncatedError(file.name, `it ends at byte ${bytes.length}`);
  return new Uint8Array(bytes);
}
