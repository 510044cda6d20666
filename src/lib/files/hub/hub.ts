// The Hugging Face hub as the product uses it: what a repository holds, its files as a folder, and their bytes by range.

import type { Folder } from '#lib/core/folder.ts';
import type { ReadRange } from '../download/fetch-file.ts';
import { createHubFolder } from './hub-folder.ts';
import type { HubRepo } from './hub-repo.ts';
import { createHubRequest, type HubOptions } from './hub-request.ts';
import { listHubFiles, type HubListing } from './list-hub-files.ts';
import { readHubRange } from './read-hub-range.ts';

export interface Hub {
  /** Pins the revision to a commit and lists the files of that commit. */
  list(repo: HubRepo, signal: AbortSignal): Promise<HubListing>;
  /** For headers and configurations: bytes are not checked against a hash. */
  folder(listing: HubListing): Folder;
  /** For downloads, which check what they get. */
  reader(listing: HubListing): ReadRange;
}

/** @throws HubTokenError, HubAnswerError for an endpoint that cannot be used */
export function createHub(options: HubOptions): Hub {
  const request = createHubRequest(options);
  return {
    list: (repo, signal) => listHubFiles(request, repo, signal),
    folder: (listing) => createHubFolder(request, listing),
    reader(listing) {
      const tags = new Map<string, string>();
      return (file, start, end, signal) => readHubRange(request, { listing, file, start, end }, tags, signal);
    },
  };
}
