// A folder whose files are byte arrays in memory: dropped files, archives, tests.

import type { Folder } from '#lib/core/folder.ts';
import { FileMissingError, FileTruncatedError } from './errors.ts';

export function createMemoryFolder(name: string, files: ReadonlyMap<string, Uint8Array | string>): Folder {
  const encoder = new TextEncoder();
  const open = (path: string): Uint8Array => {
    const file = files.get(path);
    if (file === undefined) throw new FileMissingError(name, path);
    return typeof file === 'string' ? encoder.encode(file) : file;
  };
  return {
    name,
    has: (path) => Promise.resolve(files.has(path)),
    size: (path) => new Promise((resolve) => resolve(open(path).length)),
    read: (path, start, end, signal) =>
      new Promise((resolve) => {
        signal?.throwIfAborted();
        const bytes = open(path);
        if (end > bytes.length)
          throw new FileTruncatedError(`${name}/${path}`, `the file ends at ${bytes.length}, byte ${end} was wanted`);
        resolve(bytes.slice(start, end));
      }),
  };
}
