// An output file of a command, checked before any work is done.

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FileError } from '#node/errors.ts';
import { isDirectory } from './input-files.ts';

/** The absolute path. @throws FileError when it cannot be written */
export function requireOutputFile(path: string): string {
  const out = resolve(path);
  if (!isDirectory(dirname(out)))
    throw new FileError(dirname(out), 'there is no such directory', 'Make it, or choose another --out.');
  if (existsSync(out) && isDirectory(out)) throw new FileError(out, 'this is a directory', 'Name a file with --out.');
  return out;
}
