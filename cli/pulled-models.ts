// Where `pull` keeps what it fetched, and how other commands find it: a directory for each commit, and for each revision a note of
// the commit that it named when it was pulled last.

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
const noteOf = (repo: HubRepo): string => join(directoryOf(repo), 'revisions', encodeURIComponent(repo.revision));

/** For the files of one commit. */
export const pulledDirectory = (listing: HubListing): string => join(directoryOf(listing), listing.commit);

/** Notes that all files of the commit are there. */
export async function notePulled(listing: HubListing): Promise<void> {
  for (const revision of new Set([listing.revision, listing.commit])) {
    const note = noteOf({ ...listing, revision });
    await mkdir(dirname(note), { recursive: true });
    await replaceFile(note, [new TextEncoder().encode(`${listing.commit}\n`)]);
  }
}

/** The directory of what was pulled under this name. It asks no server. */
export function findPulled(name: string): string {
  const repo = parseHubRepo(name);
  const note = noteOf(repo);
  const commit = existsSync(note) ? readFileSync(note, 'utf8').trim() : '';
  const directory = join(directoryOf(repo), commit);
  if (!/^[0-9a-f]{40}$/.test(commit) || !existsSync(directory)) {
    throw new FileError(`${HUB_PREFIX}${name}`, 'it is not on this machine', `Fetch it first: payable pull ${name}`);
  }
  return directory;
}
