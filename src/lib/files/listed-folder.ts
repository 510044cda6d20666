// The files of a listing as a folder, read by ranges. Bytes read so are not compared with the hash of their file, so they may inform
// (headers, configurations) and nothing more.

import { AbortedError } from '#lib/core/errors.ts';
import type { Folder } from '#lib/core/folder.ts';
import { FileMissingError, FileTruncatedError } from '#lib/formats/errors.ts';
import type { ReadRange } from './download/fetch-file.ts';
import type { RepoListing } from './repo.ts';

export function createListedFolder({ id: name, files }: RepoListing, read: ReadRange): Folder {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const find = (path: string) => {
    const file = byPath.get(path);
    if (!file) throw new FileMissingError(name, path);
    return file;
  };
  return {
    name,
    has: (path) => Promise.resolve(byPath.has(path)),
    size: async (path) => find(path).bytes,
    async read(path, start, end, signal = new AbortController().signal) {
      const file = find(path);
      if (signal.aborted) throw new AbortedError(signal.reason);
      if (end > file.bytes) {
        throw new FileTruncatedError(`${name}/${path}`, `the file ends at ${file.bytes}, byte ${end} was wanted`);
      }
      const bytes = new Uint8Array(Math.max(0, end - start));
      let at = 0;
      for await (const piece of read(file, start, end, signal)) {
        bytes.set(piece, at);
        at += piece.length;
      }
      if (at < bytes.length)
        throw new FileTruncatedError(`${name}/${path}`, `${bytes.length} bytes were wanted, ${at} came`);
      return bytes;
    },
  };
}
