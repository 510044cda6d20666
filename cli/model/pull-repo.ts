// Brings one repository of the hub, of an address or of IPFS to this machine, and tells of it line by line.

import { join, resolve } from 'node:path';
import { createAddressSource } from '#lib/files/address/address-source.ts';
import { createAnySource } from '#lib/files/any-source.ts';
import { createHub } from '#lib/files/hub/hub.ts';
import { isAddress } from '#lib/files/parse-repo.ts';
import type { Repo, RepoListing, RepoSource } from '#lib/files/repo.ts';
import { pullModel } from '#lib/flows/pull-model.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import { isGgufName } from '#lib/model/sources/gguf-file.ts';
import { createIpfsSource } from '#lib/registry/ipfs-source.ts';
import { createDiskChunkStore } from '#node/disk-chunk-store.ts';
import { createTransferHost } from '#node/transfer-host.ts';
import { createProgressLine } from '../progress-line.ts';
import { notePulled, pulledDirectory } from '../pulled-models.ts';

/** Where `payable pin-node` listens. */
export const GATEWAY = 'http://127.0.0.1:4180';

/** Blocks of IPFS are requested at `gateways`, by default at this machine's own pinner. */
export function gatewaySources(gateways: readonly string[]) {
  const { fetch } = createTransferHost();
  return (gateways.length > 0 ? gateways : [GATEWAY]).map((address) => createGateway(address, { fetch }));
}

export function createRepoSource(gateways: readonly string[]): RepoSource {
  const host = createTransferHost();
  const token = process.env['HF_TOKEN']?.trim();
  return createAnySource({
    hub: createHub({ host, endpoint: process.env['HF_ENDPOINT'], token: token === '' ? undefined : token }),
    address: createAddressSource({ host }),
    ipfs: createIpfsSource({ host, sources: gatewaySources(gateways) }),
  });
}

export interface PullRequest {
  repo: Repo;
  /** Instead of the folder of pulled models. */
  to?: string | undefined;
  /** These files only. */
  named?: readonly string[];
  signal: AbortSignal;
  say(line: string): void;
}

export interface PulledRepo {
  commit: string;
  directory: string;
  /** What --model takes: the directory, or its GGUF file. */
  model: string;
  files: number;
  bytes: number;
}

export async function pullRepo(
  source: RepoSource,
  { repo, to, named = [], signal, say }: PullRequest,
): Promise<PulledRepo> {
  const { now } = createTransferHost();
  const directoryOf = (listing: RepoListing) => (to === undefined ? pulledDirectory(listing) : resolve(to));
  const context = { source, now, openStore: (of: RepoListing) => createDiskChunkStore(directoryOf(of)) };
  const line = createProgressLine();
  let bytes = 0;
  let files = 0;
  let gguf: string | undefined;
  try {
    for await (const event of pullModel(context, { repo, files: named.length > 0 ? named : undefined }, { signal })) {
      switch (event.type) {
        case 'listed':
          files = event.files.length;
          if (named.length === 0) gguf = event.files.find(({ path }) => isGgufName(path))?.path;
          say(`${repo.id} at ${event.listing.commit}`);
          break;
        case 'planned':
          bytes = event.totalBytes;
          say(`${event.files} files, ${bytes} bytes; ${event.presentBytes} are here already`);
          break;
        case 'progress':
          line.show(event);
          break;
        case 'file':
          line.clear();
          // No hash of a file at an address is known before, so the one that was found is said.
          say(`${event.path}: ${isAddress(repo.id) ? event.hash : 'checked'}`);
          break;
        case 'again':
          line.clear();
          say(`${event.path}: its bytes were wrong, it is fetched once more`);
          break;
        case 'pulled': {
          line.clear();
          const directory = directoryOf(event.listing);
          if (to === undefined) await notePulled(event.listing, gguf);
          return { commit: event.listing.commit, directory, model: join(directory, gguf ?? ''), files, bytes };
        }
      }
    }
  } finally {
    line.clear();
  }
  throw new Error('the download ended without a result');
}
