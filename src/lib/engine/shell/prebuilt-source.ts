// Where the files of a compiled model come from: the hub, whose listing pins them to a commit and their hashes, or a folder whose
// files are pinned by the list. Only encrypted addresses are asked, and this machine.

import { parseWebAddress } from '#lib/core/web-address.ts';
import { DownloadError } from '#lib/files/errors.ts';
import { createHub } from '#lib/files/hub/hub.ts';
import { parseHubRepo } from '#lib/files/hub/hub-repo.ts';
import type { PinnedFile } from '#lib/files/pinned-file.ts';
import type { TransferHost } from '#lib/files/transfer-host.ts';
import type { PrebuiltModel } from '../prebuilt-model.ts';
import { PrebuiltFilesError } from './errors.ts';
import type { PrebuiltSource } from './prebuilt-files.ts';

export async function prebuiltWeights(
  { id, weights }: PrebuiltModel,
  host: TransferHost,
  signal: AbortSignal,
): Promise<PrebuiltSource> {
  if (weights.kind === 'url') {
    const root = checkedUrl(id, weights.url);
    return { files: weights.files, read: (file, _, __, stop) => bodyOf(new URL(file.path, root), file, host, stop) };
  }
  const hub = createHub({ host });
  const listing = await hub.list(parseHubRepo(weights.repo), signal);
  return { files: listing.files, read: hub.reader(listing) };
}

export function prebuiltLibrarySource({ id, library }: PrebuiltModel, host: TransferHost): PrebuiltSource {
  const { url, ...file } = library;
  const address = checkedUrl(id, url);
  return { files: [file], read: (_, __, ___, stop) => bodyOf(address, file, host, stop) };
}

function checkedUrl(id: string, text: string): URL {
  const url = parseWebAddress(text);
  if (!url)
    throw new PrebuiltFilesError(id, `the address ${JSON.stringify(text.slice(0, 120))} does not begin with https`);
  return url;
}

async function* bodyOf(url: URL, { path }: PinnedFile, host: TransferHost, signal: AbortSignal) {
  const response = await host
    .fetch(url, { signal, credentials: 'omit', referrerPolicy: 'no-referrer' })
    .catch((error: unknown) => {
      throw new DownloadError(path, 'the server could not be reached', error);
    });
  if (!response.ok || !response.body) throw new DownloadError(path, `the server answered ${response.status}`);
  yield* response.body;
}
