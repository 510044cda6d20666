// A repository of the hub as a folder, read by ranges. Bytes read so are not checked against a hash, so they may inform (headers,
// configurations) and nothing more.

import { AbortedError } from '#lib/core/errors.ts';
import type { Folder } from '#lib/core/folder.ts';
import { FileMissingError, FileTruncatedError } from '#lib/formats/errors.ts';
import type { HubRequest } from './hub-request.ts';
import type { HubListing } from './list-hub-files.ts';
import { readHubRange } from './read-hub-range.ts';

export function createHubFolder(request: HubRequest, listing: HubListing): Folder {
  const name = listing.id;
  const byPath = new Map(listing.files.map((file) => [file.path, file]));
  const tags = new Map<string, string>();
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
      for await (const piece of readHubRange(request, { listing, file, start, end }, tags, signal)) {
        bytes.set(piece, at);
        at += piece.length;
      }
      return bytes;
    },
  };
}
