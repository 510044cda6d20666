// A file that an export writes: its path, its size, and its bytes piece by piece, so that a writer needs memory for one piece.

import type { Folder } from '#lib/core/folder.ts';

export interface ExportedFile {
  path: string;
  bytes: number;
  /** The bytes from the first to the last. They may be read again from the start. */
  pieces(signal?: AbortSignal): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

export interface Export {
  files: ExportedFile[];
  /** What the user should know about the result, one sentence each. */
  notes: string[];
}

/** Read at a time. */
export const PIECE_BYTES = 8 << 20;

export function textFile(path: string, text: string): ExportedFile {
  const bytes = new TextEncoder().encode(text);
  return {
    path,
    bytes: bytes.length,
    async *pieces() {
      yield bytes;
    },
  };
}

export const jsonFile = (path: string, value: object): ExportedFile =>
  textFile(path, `${JSON.stringify(value, null, 2)}\n`);

export async function copiedFile(folder: Folder, path: string): Promise<ExportedFile> {
  const bytes = await folder.size(path);
  return {
    path,
    bytes,
    async *pieces(signal) {
      for (let at = 0; at < bytes; at += PIECE_BYTES)
        yield await folder.read(path, at, Math.min(bytes, at + PIECE_BYTES), signal);
    },
  };
}
