// Some entries of a ZIP archive as texts. Everything else in it is left packed; what is unpacked is bounded.

import { Unzip, UnzipInflate } from 'fflate';

const PIECE = 1 << 16;

/**
 * The entries that are wanted, and the names of all.
 *
 * @throws RangeError, TypeError and what fflate throws, for an archive that is not sound or unpacks to more than `maxBytes`
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
      // What is thrown below comes back here once more, as an error of the archive.
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
