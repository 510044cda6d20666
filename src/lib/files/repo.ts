// The files of a model or an adapter under one name, wherever they come from: a repository of the hub, a folder or a file at an address, a
// content id of IPFS. Sources differ in how they list and read; checks and downloads are the same for all.

import type { ReadRange } from './download/fetch-file.ts';
import type { PinnedFile } from './pinned-file.ts';

export interface Repo {
  /** `owner/name` of the hub, an address with https, or `ipfs:` with a content id. */
  id: string;
  /** A branch, a tag or a commit of the hub; elsewhere the version that is wanted, or empty for the present one. */
  revision: string;
  /** Which of its GGUF files, as `ggufVariants` names them: `Q4_K_M`. */
  variant?: string | undefined;
}

export interface RepoListing extends Repo {
  /** What the files are fetched by, and what never changes: a commit, a content id, a hash over what a server says of its files. */
  commit: string;
  /** Whether the licence must be accepted before files are given out. */
  isGated: boolean;
  files: PinnedFile[];
}

export interface RepoSource {
  /** Lists the files of one version. */
  list(repo: Repo, signal: AbortSignal): Promise<RepoListing>;
  /** Bytes by range. Those of the hub and of an address are unchecked; a download compares hashes. Those of IPFS are checked. */
  reader(listing: RepoListing): ReadRange;
}

/** The id, with `:variant` where one was chosen. */
export const repoName = ({ id, variant }: Repo): string => (variant === undefined ? id : `${id}:${variant}`);

/** A short name to show: the last part of an address, both ends of a content id. */
export function repoTitle(name: string): string {
  if (URL.canParse(name) && /^https?:/.test(name)) {
    const { host, pathname } = new URL(name);
    return pathname.split('/').findLast((step) => step !== '') ?? host;
  }
  return name.replace(/^(ipfs:\w{10})\w{20,}(\w{6})/, '$1…$2');
}

/** What the files of one version are kept under. */
export const placeOf = (listing: RepoListing): string => `${repoName(listing)}@${listing.commit}`;
