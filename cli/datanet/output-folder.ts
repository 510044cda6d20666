// The folder that a command writes to: made when it is not there, and taken away again when nothing came of it.

import { mkdir, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from '#node/errors.ts';

/** @returns the topmost folder that had to be made, if any */
export async function makeFolder(out: string): Promise<string | undefined> {
  try {
    return await mkdir(out, { recursive: true });
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new FileError(out, `the directory cannot be made (${code})`, 'Choose another --out.', cause);
  }
}

/** Removes `folder` and what is above it up to `top`, as far as nobody put anything there. */
export async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let path = folder; path.length >= top.length; path = dirname(path)) await rmdir(path).catch(() => undefined);
}
