// Where `pull` keeps what it fetched, and how other commands find it: a directory for each commit, and for each revision a note of
// the commit that it named when it was pulled last, with the GGUF file where the weights are in one.

import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseHubRepo, type HubRepo } from '#lib/files/hub/hub-repo.ts';
import type { HubListing } from '#lib/files/hub/list-hub-files.ts';
import { FileError } from '#node/errors.ts';
import { replaceFile } from '#node/replace-file.ts';

export const HUB_PREFIX = 'hub:';

const home = (): string =>
  process.env['PAYABLE_MODELS'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'payable', 'models');
const directoryOf = ({ id }: Pick<HubRepo, 'id'>): string => join(home(), id.replace('/', '--'));
const noteOf = (repo: HubRepo): string => {
  const { revision, variant } = repo;
  const name = variant === undefined ? revision : `${revision}:${variant.toLowerCase()}`;
  return join(directoryOf(repo), 'revisions', encodeURIComponent(name));
};

/** For the files of one commit. */
export const pulledDirectory = (listing: HubListing): string => join(directoryOf(listing), listing.commit);

/** Notes that all files of the commit are there; `gguf` is the path of the file of weights where it is one of GGUF. */
export async function notePulled(listing: HubListing, gguf?: string): Promise<void> {
  const lines = [listing.commit, ...(gguf === undefined ? [] : [gguf])];
  for (const revision of new Set([listing.revision, listing.commit])) {
    const note = noteOf({ ...listing, revision });
    await mkdir(dirname(note), { recursive: true });
    await replaceFile(note, [new TextEncoder().encode(`${lines.join('\n')}\n`)]);
  }
}

/** The directory of what was pulled under this name, or its GGUF file. It asks no server. */
export function findPulled(name: string): string {
  const repo = parseHubRepo(name);
  const note = noteOf(repo);
  const [commit = '', gguf] = existsSync(note) ? readFileSync(note, 'utf8').trim().split('\n') : [];
  const directory = join(directoryOf(repo), commit);
  if (!/^[0-9a-f]{40}$/.test(commit) || !existsSync(directory)) {
    throw new FileError(`${HUB_PREFIX}${name}`, 'it is not on this machine', `Fetch it first: payable pull ${name}`);
  }
  return gguf === undefined ? directory : join(directory, gguf);
}
