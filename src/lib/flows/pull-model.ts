// Brings a model or an adapter from the hub, an address or IPFS to this device: pins the version, chooses the files, fetches what is missing, checks all.

import { chooseFiles } from '#lib/files/choose-files.ts';
import type { Repo, RepoListing, RepoSource } from '#lib/files/repo.ts';
import type { ChunkStore } from '#lib/files/download/chunk-store.ts';
import { downloadFiles, type DownloadEvent } from '#lib/files/download/download-files.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';

export interface PullModelContext {
  source: RepoSource;
  /** Where the files of this version are kept. */
  openStore(listing: RepoListing): Promise<ChunkStore>;
  /** Milliseconds on a monotonic clock. */
  now(): number;
}

export interface PullModelInput {
  repo: Repo;
  /** Paths in the repository; by default those of its weights, tokenizer and configuration. */
  files?: readonly string[] | undefined;
  chunkBytes?: number | undefined;
}

export type PullModelEvent =
  | { type: 'listed'; listing: RepoListing; files: readonly PinnedFile[] }
  | DownloadEvent
  /** All files are complete and checked. */
  | { type: 'pulled'; listing: RepoListing };

/**
 * Stopped by its signal or by the end of the process, it goes on where it was when it is called again.
 *
 * @example
 * import { pullModel } from '#lib/flows/pull-model.ts';
 * import { parseRepo } from '#lib/files/parse-repo.ts';
 *
 * const repo = parseRepo('owner/name@main');
 * for await (const event of pullModel(pullContext, { repo }, { signal })) {
 *   if (event.type === 'progress') show(`${event.doneBytes} of ${event.totalBytes} bytes`);
 *   if (event.type === 'pulled') show(`commit ${event.listing.commit}`);
 * }
 */
export async function* pullModel(
  { source, openStore, now }: PullModelContext,
  { repo, files: named, chunkBytes }: PullModelInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<PullModelEvent, void, void> {
  const listing = await source.list(repo, signal);
  const { files } = chooseFiles(listing, named);
  yield { type: 'listed', listing, files };
  const store = await openStore(listing);
  yield* downloadFiles({ files, read: source.reader(listing), store, now, signal, chunkBytes });
  yield { type: 'pulled', listing };
}
