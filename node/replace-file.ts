// Replaces a file atomically: readers see the old or the new content, never a part.

import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { FileError } from './errors.ts';

/**
 * Replaces `path` by all of `pieces`, or leaves it unchanged. `finish` may edit the file before it replaces the old one.
 *
 * @returns bytes written
 * @throws FileError, and errors of `pieces`
 */
export async function replaceFile(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  finish?: (file: FileHandle) => Promise<void>,
): Promise<number> {
  const temporary = `${path}.${process.pid}.tmp`;
  const refuse = (cause: unknown): never => {
    throw unwritable(path, cause);
  };
  const file = await open(temporary, 'wx').catch(refuse);
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length;) {
        at += (await file.write(piece, at, piece.length - at).catch(refuse)).bytesWritten;
      }
      bytes += piece.length;
    }
    await finish?.(file);
    await file.close();
    await rename(temporary, path).catch(refuse);
    return bytes;
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

function unwritable(path: string, cause: unknown): FileError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new FileError(path, `the file cannot be written (${code})`, 'Check permissions and free space.', cause);
}
