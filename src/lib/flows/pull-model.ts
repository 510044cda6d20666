// Brings a model or an adapter from the hub to this device: pins the revision, chooses the files, fetches what is missing, checks all.

import type { HubListing } from '#lib/files/hub/list-hub-files.ts';
import type { Hub } from '#lib/files/hub/hub.ts';
import { chooseFiles } from '#lib/files/hub/choose-files.ts';
import type { HubRepo } from '#lib/files/hub/hub-repo.ts';
import type { ChunkStore } from '#lib/files/download/chunk-store.ts';
import { downloadFiles, type DownloadEvent } from '#lib/files/download/download-files.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';

export interface PullModelContext {
  hub: Hub;
  /** Where the files of this commit are kept. */
  openStore(listing: HubListing): Promise<ChunkStore>;
  /** Milliseconds on a monotonic clock. */
  now(): number;
}

export interface PullModelInput {
  repo: HubRepo;
  /** Paths in the repository; by default those of its weights, tokenizer and configuration. */
  files?: readonly string[] | undefined;
  chunkBytes?: number | undefined;
}

export type PullModelEvent =
  | { type: 'listed'; listing: HubListing; files: readonly PinnedFile[] }
  | DownloadEvent
  /** All files are complete and checked. */
  | { type: 'pulled'; listing: HubListing };

/**
 * Stopped by its signal or by the end of the process, it goes on where it was when it is called again.
 *
 * @example
 * import { pullModel } from '#lib/flows/pull-model.ts';
 * import { parseHubRepo } from '#lib/files/hub/hub-repo.ts';
 *
 * const repo = parseHubRepo('owner/name@main');
 * for await (const event of pullModel(pullContext, { repo }, { signal })) {
 *   if (event.type === 'progress') show(`${event.doneBytes} of ${event.totalBytes} bytes`);
 *   if (event.type === 'pulled') show(`commit ${event.listing.commit}`);
 * }
 */
export async function* pullModel(
  { hub, openStore, now }: PullModelContext,
  { repo, files: named, chunkBytes }: PullModelInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<PullModelEvent, void, void> {
  const listing = await hub.list(repo, signal);
  const { files } = chooseFiles(listing, named);
  yield { type: 'listed', listing, files };
  const store = await openStore(listing);
  yield* downloadFiles({ files, read: hub.reader(listing), store, now, signal, chunkBytes });
  yield { type: 'pulled', listing };
}
