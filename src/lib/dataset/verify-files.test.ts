// Files that a version links are read block by block: what is short, long, missing or another file is refused by name.

import { MemoryBlockstore } from 'blockstore-core';
import type { CID } from 'multiformats/cid';
import { beforeAll, expect, it } from 'vitest';
import { toHex } from '#lib/core/bytes.ts';
import { HashMismatchError } from '#lib/formats/errors.ts';
import { writeFile } from '#lib/ipfs/add-files.ts';
import { digester } from '#tests/support/datanets.ts';
import { createBlockReader } from './read-blocks.ts';
import { verifyFiles } from './verify-files.ts';

const SIZE = 3_000_000;
/** By digest, as a store of IPFS keeps them. */
const blocks = new Map<string, Uint8Array>();
const keyOf = (cid: CID) => toHex(cid.multihash.digest);
const { block } = createBlockReader({ name: 'memory', get: async (cid) => blocks.get(keyOf(cid)) ?? null }, digester);
let cid: CID;

/** A file of several blocks. */
beforeAll(async () => {
  const store = new MemoryBlockstore();
  const { put } = store;
  store.put = (id, bytes, options) => {
    blocks.set(keyOf(id), bytes as Uint8Array);
    return put.call(store, id, bytes, options);
  };
  cid = await writeFile(
    store,
    Uint8Array.from({ length: SIZE }, (_, at) => (at * 31) % 251),
  );
  expect(blocks.size).toBeGreaterThan(2);
});

it('a whole file of the size its link says passes', async () => {
  await expect(verifyFiles([{ cid, bytes: SIZE }], block, 'v')).resolves.toBeUndefined();
});

it.each([
  ['longer than its link says', SIZE - 1, 'has more than'],
  ['shorter than its link says', SIZE + 1, `has ${SIZE} bytes`],
])('a file %s is refused', async (_what, bytes, words) => {
  await expect(verifyFiles([{ cid, bytes }], block, 'v')).rejects.toMatchObject({
    code: 'datanets/unsound',
    message: expect.stringContaining(words) as string,
  });
});

it('a missing block and a damaged one are refused', async () => {
  const key = [...blocks.keys()].find((one) => one !== keyOf(cid))!;
  const whole = blocks.get(key)!;
  const check = () => verifyFiles([{ cid, bytes: SIZE }], block, 'v');
  blocks.set(key, Uint8Array.from(whole).fill(1, 5, 6));
  await expect(check()).rejects.toThrow(HashMismatchError);
  blocks.delete(key);
  await expect(check()).rejects.toMatchObject({ code: 'ipfs/block-missing' });
  blocks.set(key, whole);
  await expect(check()).resolves.toBeUndefined();
});
