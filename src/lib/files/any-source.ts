// The source that a repository's name belongs to.

import { isAddress, isOnIpfs } from './parse-repo.ts';
import type { Repo, RepoSource } from './repo.ts';

export function createAnySource({ hub, address, ipfs }: Record<'hub' | 'address' | 'ipfs', RepoSource>): RepoSource {
  const sourceOf = ({ id }: Repo) => (isOnIpfs(id) ? ipfs : isAddress(id) ? address : hub);
  return {
    list: (repo, signal) => sourceOf(repo).list(repo, signal),
    reader: (listing) => sourceOf(listing).reader(listing),
  };
}
