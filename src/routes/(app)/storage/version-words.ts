// Which version of a model is kept, and what its bytes were checked against.

import type { KeptModel } from '#lib/db/kept-models.ts';

export function versionWords({ files, commit }: Pick<KeptModel, 'files' | 'commit'>): string {
  const hash = files[0]?.hash ?? '';
  if (hash.startsWith('cid:')) return 'from IPFS, every block checked';
  if (hash.startsWith('web:')) return 'from an address, no hash was known';
  return `commit ${commit.slice(0, 7)}`;
}
