// Where `pull` keeps what it fetched, and how other commands find it: a directory for each commit, and for each revision a note of
// the commit that it named when it was pulled last, with the GGUF file where the weights are in one.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAddress, isOnIpfs, parseRepo } from '#lib/files/parse-repo.ts';
import { repoName, type Repo, type RepoListing } from '#lib/files/repo.ts';
import { FileError } from '#node/errors.ts';
import { replaceFile } from '#node/replace-file.ts';
import { modelsHome } from './models-home.ts';

const HUB_PREFIX = 'hub:';

/** Whether a model is named by where it came from, and not by a path. */
export const isPulledName = (name: string): boolean => name.startsWith(HUB_PREFIX) || isOnIpfs(name) || isAddress(name);

const directoryOf = ({ id }: Pick<Repo, 'id'>): string => join(modelsHome(), directoryName(id));
/** Addresses and paths on IPFS may be longer than the name of a directory. */
function directoryName(id: string): string {
  if (!isAddress(id) && !isOnIpfs(id)) return id.replace('/', '--');
  const kind = isAddress(id) ? 'web' : 'ipfs';
  return `${kind}--${createHash('sha256').update(id).digest('hex').slice(0, 40)}`;
}
const noteOf = (repo: Repo): string => {
  const { revision, variant } = repo;
  const name = variant === undefined ? revision : `${revision}:${variant.toLowerCase()}`;
  // What an address names now has no revision.
  return join(directoryOf(repo), 'revisions', encodeURIComponent(name) || 'now');
};

/** For the files of one commit. */
export const pulledDirectory = (listing: RepoListing): string => join(directoryOf(listing), listing.commit);

/** Notes that all files of the commit are there; `gguf` is the path of the file of weights where it is one of GGUF. */
export async function notePulled(listing: RepoListing, gguf?: string): Promise<void> {
  const lines = [listing.commit, ...(gguf === undefined ? [] : [gguf])];
  for (const revision of new Set([listing.revision, listing.commit])) {
    const note = noteOf({ ...listing, revision });
    await mkdir(dirname(note), { recursive: true });
    await replaceFile(note, [new TextEncoder().encode(`${lines.join('\n')}\n`)]);
  }
}

/** Where others find the same files: the name with the commit that it named when it was pulled. It asks no server. */
export function pulledPlace(given: string): string {
  const { repo, commit } = readNote(given);
  if (isOnIpfs(repo.id) || isAddress(repo.id)) return repoName(repo);
  return `${repo.id}@${commit}${repo.variant === undefined ? '' : `:${repo.variant}`}`;
}

/** The directory of what was pulled under this name, or its GGUF file. It asks no server. */
export function findPulled(given: string): string {
  const { directory, gguf } = readNote(given);
  return gguf === undefined ? directory : join(directory, gguf);
}

function readNote(given: string) {
  const name = given.startsWith(HUB_PREFIX) ? given.slice(HUB_PREFIX.length) : given;
  const repo = parseRepo(name);
  const note = noteOf(repo);
  const [commit = '', gguf] = existsSync(note) ? readFileSync(note, 'utf8').trim().split('\n') : [];
  const directory = join(directoryOf(repo), commit);
  if (!/^[0-9a-z]{40,250}$/i.test(commit) || !existsSync(directory)) {
    throw new FileError(given, 'it is not on this machine', `Fetch it first: payable pull ${name}`);
  }
  return { repo, commit, directory, gguf };
}
