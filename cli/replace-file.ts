// Writes a file so that others see the old one or the new one, never a part.

import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FileError } from './errors.ts';
import { isDirectory } from './input-files.ts';

/** A place that can be written to, as an absolute path. Asked before any work is done. */
export function requireOutputFile(path: string): string {
  const out = resolve(path);
  if (!isDirectory(dirname(out)))
    throw new FileError(dirname(out), 'there is no such directory', 'Make it, or choose another --out.');
  if (existsSync(out) && isDirectory(out)) throw new FileError(out, 'this is a directory', 'Name a file with --out.');
  return out;
}

/**
 * Replaces `path` by all of `pieces`, or leaves it as it was. `finish` may go over the file before it takes the place.
 *
 * @returns bytes written
 * @throws FileError, and whatever `pieces` throws
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
