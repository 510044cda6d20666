// The list of Datanets on a page: a failure becomes a problem to show, and the next attempt clears it.

import { expect, it } from 'vitest';
import { AbortedError } from '#lib/core/errors.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { DatanetListState } from './datanet-list.svelte.ts';

it('shows why IPFS did not start, until the chain is read', async () => {
  const list = new DatanetListState({ read: () => Promise.reject(new AbortedError()) });
  const tables = { datanets: [], datanetVersions: [], contributions: [], modelVersions: [], income: [] };
  const missing = new BlockMissingError('bafy');
  await list.loadChain(() => Promise.reject(missing), tables);
  expect(list.problem?.message).toBe(missing.message);
  await list.loadChain(() => Promise.resolve({ block: () => Promise.reject(missing) }), tables);
  expect(list.problem).toBe(null);
});
