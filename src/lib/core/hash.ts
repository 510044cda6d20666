// Streaming sha256 over bytes that arrive in pieces.

import { createSHA256 } from 'hash-wasm';
import { sizedBytes } from './bytes.ts';
import type { Folder } from './folder.ts';

const PIECE = 8 << 20;
/** Hashed in one go where other work waits for its turn. */
const TURN_BYTES = 1 << 20;

/** The files as they are stored: those behind a view, each once. */
const originsOf = (folder: Folder, paths: readonly string[]): Iterable<string> =>
  folder.origins ? new Set(paths.flatMap((path) => folder.origins!(path))) : paths;

/**
 * sha256 (hex) of whole files of a folder: the sha256 over each file's own sha256, in the given order.
 * `turn` is awaited after each MiB, so that hashing does not hold up other work of the thread.
 */
export async function hashFiles(
  folder: Folder,
  paths: readonly string[],
  signal?: AbortSignal,
  turn?: () => Promise<void>,
): Promise<string> {
  const outer = await createSHA256();
  const inner = await createSHA256();
  outer.init();
  for (const path of originsOf(folder, paths)) {
    inner.init();
    const size = await folder.size(path);
    for (let at = 0; at < size; at += PIECE) {
      const bytes = await folder.read(path, at, Math.min(size, at + PIECE), signal);
      const step = turn ? TURN_BYTES : PIECE;
      for (let start = 0; start < bytes.byteLength; start += step) {
        if (start > 0) await turn?.();
        inner.update(bytes.subarray(start, start + step));
      }
    }
    outer.update(inner.digest('binary'));
  }
  return outer.digest('hex');
}

/** What `hashFiles` says of files that are stored under their sha256, without reading them; null where one is not. */
export async function storedHash(folder: Folder, paths: readonly string[]): Promise<string | null> {
  const outer = await createSHA256();
  outer.init();
  for (const path of originsOf(folder, paths)) {
    const sha256 = folder.storedSha256?.(path);
    if (sha256 === undefined) return null;
    outer.update(sizedBytes(`0x${sha256}`, 32));
  }
  return outer.digest('hex');
}
