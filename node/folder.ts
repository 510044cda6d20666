// A directory on disk as a `Folder`: byte ranges of files below it; names cannot leave it. Symbolic links inside are followed,
// since model caches consist of them.

import { open, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Folder } from '#lib/core/folder.ts';
import { FileMissingError, FileTruncatedError, FormatError } from '#lib/formats/errors.ts';

export function createNodeFolder(path: string): Folder {
  const root = resolve(path);
  const name = basename(root) || root;

  const locate = (file: string): string => {
    const parts = file.split('/');
    const bad = parts.some((part) => part === '' || part === '.' || part === '..') || /[\\:\0]/.test(file);
    if (bad)
      throw new FormatError(name, `"${file}" is not a file name inside the folder`, {
        hint: 'Use a path without ".." below the folder.',
      });
    return join(root, ...parts);
  };
  const sizeOf = async (file: string): Promise<number | null> => {
    const info = await stat(locate(file)).catch((error: unknown) => {
      const cause = error as NodeJS.ErrnoException;
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
      throw unreadable(file, cause);
    });
    return info?.isFile() ? info.size : null;
  };
  const unreadable = (file: string, cause: NodeJS.ErrnoException) =>
    new FormatError(`${name}/${file}`, `the file cannot be read (${cause.code ?? cause.message})`, {
      hint: 'Check its permissions.',
      cause,
    });

  return {
    name,
    has: async (file) => (await sizeOf(file)) !== null,
    size: async (file) => {
      const size = await sizeOf(file);
      if (size === null) throw new FileMissingError(name, file);
      return size;
    },
    read: async (file, start, end, signal) => {
      signal?.throwIfAborted();
      const handle = await open(locate(file), 'r').catch((error: unknown) => {
        const cause = error as NodeJS.ErrnoException;
        throw cause.code === 'ENOENT' ? new FileMissingError(name, file) : unreadable(file, cause);
      });
      try {
        const bytes = new Uint8Array(end - start);
        let at = 0;
        while (at < bytes.length) {
          const { bytesRead } = await handle.read(bytes, at, Math.min(bytes.length - at, 1 << 30), start + at);
          if (bytesRead === 0)
            throw new FileTruncatedError(
              `${name}/${file}`,
              `the file ends at byte ${start + at}, byte ${end} was wanted`,
            );
          at += bytesRead;
          signal?.throwIfAborted();
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}
