// A folder or a GGUF file at an https address as a source of files. No hash of its files is known, so a download says what it stored and
// nothing vouches for it.

import { readRange } from '../read-range.ts';
import type { RepoSource } from '../repo.ts';
import { requestRange, type AddressOptions } from './address-request.ts';
import { folderAddress, listAddressFiles } from './list-address-files.ts';

export function createAddressSource(options: AddressOptions): RepoSource {
  return {
    list: (repo, signal) => listAddressFiles(options, repo, signal),
    reader({ id }) {
      const tags = new Map<string, string>();
      const base = /\.gguf$/i.test(new URL(id).pathname) ? id : folderAddress(id);
      return (file, start, end, signal) => {
        const what = `${new URL(id).host}/${file.path}`;
        const send = (range: { start: number; end: number }) =>
          requestRange(options, { base, path: file.path }, range, signal);
        return readRange({ host: options.host, send, what, tags }, file, { start, end }, signal);
      };
    },
  };
}
