// Extracts selected entries of a ZIP archive as texts, within a size limit. Other entries stay compressed.

import { Unzip, UnzipInflate } from 'fflate';

const PIECE = 1 << 16;

/**
 * The selected entries, and the names of all entries.
 * @throws RangeError, TypeError and errors of fflate, for an invalid archive or one that unpacks to more than `maxBytes`
 */
export function unzipEntries(
  bytes: Uint8Array,
  isWanted: (name: string) => boolean,
  maxBytes: number,
  signal?: AbortSignal,
): { texts: Map<string, string>; names: string[] } {
  const texts = new Map<string, string>();
  const names: string[] = [];
  let unpacked = 0;
  let failure: Error | undefined;
  const unzip = new Unzip((entry) => {
    names.push(entry.name);
    if (!isWanted(entry.name) || texts.has(entry.name)) return;
    const decoder = new TextDecoder('utf-8', { fatal: true });
    texts.set(entry.name, '');
    entry.ondata = (error, piece, isLast) => {
      // An error thrown below arrives here again, wrapped as an error of the archive.
      if (error) throw failure ?? error;
      try {
        unpacked += piece.length;
        if (unpacked > maxBytes) throw new RangeError(`its text is longer than ${maxBytes} bytes`);
        texts.set(entry.name, texts.get(entry.name)! + decoder.decode(piece, { stream: !isLast }));
      } catch (cause) {
        failure = cause as Error;
        throw failure;
      }
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  for (let at = 0; at < bytes.length || at === 0; at += PIECE) {
    signal?.throwIfAborted();
    unzip.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
  }
  return { texts, names };
}
