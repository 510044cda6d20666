// The output folder of a command: made if missing, and removed again if the command fails.

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

/** Removes `folder` and its parents up to `top`, as far as they are empty. */
export async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let path = folder; path.length >= top.length; path = dirname(path)) await rmdir(path).catch(() => undefined);
}
