// Which version of a model is kept, and what its bytes were checked against.

import type { KeptModel } from '#lib/db/kept-models.ts';
import { isMadeHere } from '#lib/registry/made-repo.ts';

export function versionWords({ repo, files, commit }: Pick<KeptModel, 'repo' | 'files' | 'commit'>): string {
  if (isMadeHere(repo)) return 'trained on this device';
  const hash = files[0]?.hash ?? '';
  if (hash.startsWith('cid:')) return 'from IPFS, every block checked';
  if (hash.startsWith('web:')) return 'from an address, no hash was known';
  return `commit ${commit.slice(0, 7)}`;
}
