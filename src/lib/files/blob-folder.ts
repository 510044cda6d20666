// A folder of files the reader picked or dropped, or that were kept on this device: read by slices, never copied whole.

import type { FileRef, Folder } from '#lib/core/folder.ts';
import { AbortedError } from '#lib/core/errors.ts';
import { FileMissingError, FileTruncatedError } from '#lib/formats/errors.ts';

export function createBlobFolder(name: string, files: readonly FileRef[]): Folder {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const hashes = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  const open = (path: string): Blob => {
    const file = byPath.get(path);
    if (!file) throw new FileMissingError(name, path);
    return file;
  };
  return {
    name,
    storedSha256: (path) => hashes.get(path),
    has: (path) => Promise.resolve(byPath.has(path)),
    size: (path) => new Promise((resolve) => resolve(open(path).size)),
    async read(path, start, end, signal) {
      const file = open(path);
      if (signal?.aborted) throw new AbortedError(signal.reason);
      if (end > file.size) {
        throw new FileTruncatedError(`${name}/${path}`, `the file ends at ${file.size}, byte ${end} was wanted`);
      }
      try {
        return new Uint8Array(await file.slice(start, end).arrayBuffer());
      } catch (error) {
        throw new FileMissingError(
          name,
          path,
          'It was moved or changed since it was picked; pick the folder again.',
          error,
        );
      }
    },
  };
}
