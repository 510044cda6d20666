// Decodes chunks of UTF-8 bytes to text without the byte order mark; refuses bytes that are not UTF-8.

import { FormatError } from '#lib/formats/errors.ts';
import { inSmallPieces } from '#lib/dataset/small-pieces.ts';
import type { ImportFile } from './import-file.ts';

export interface TextPiece {
  text: string;
  /** Bytes read so far. */
  bytes: number;
}

/** @throws FormatError with the approximate place when the bytes are not UTF-8 */
export async function* decodeText(file: ImportFile, signal?: AbortSignal): AsyncGenerator<TextPiece, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  const decode = (piece?: Uint8Array): string => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch (cause) {
      throw new FormatError(file.name, `the text is not valid UTF-8, somewhere before byte ${bytes}`, {
        hint: 'Save the file as UTF-8, or name its encoding.',
        cause,
      });
    }
  };
  for await (const piece of inSmallPieces(file.stream())) {
    signal?.throwIfAborted();
    bytes += piece.length;
    yield { text: decode(piece), bytes };
  }
  yield { text: decode(), bytes };
}
