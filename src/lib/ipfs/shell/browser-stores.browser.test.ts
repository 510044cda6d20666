// The stores in a browser: what a view costs, two tabs at once, a reload, a full disk.

import { IDBBlockstore } from 'blockstore-idb';
import { expect, it } from 'vitest';
import { makeBlock, RAW } from '#lib/formats/block/block.ts';
import { addFile } from '../add-files.ts';
import { CheckedBlockstore } from '../checked-blockstore.ts';
import { createIpfsNode } from '../node.ts';
import { pin } from '../pins.ts';
import { readFile } from '../read-files.ts';
import { verifyData } from '../verify-data.ts';
import { openBrowserStores } from './browser-stores.ts';

let count = 0;
const freshName = () => `test-${performance.timeOrigin}-${count++}`;
const openNode = async (name: string) => createIpfsNode(await openBrowserStores(name));

const filled = (size: number) => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 1024) new DataView(bytes.buffer).setUint32(at, at);
  return bytes;
};

async function lengthOf(pieces: AsyncIterable<Uint8Array>) {
  let total = 0;
  for await (const piece of pieces) total += piece.length;
  return total;
}

it('keeps a piece of a buffer, not the buffer', async () => {
  const view = filled(8 << 20).subarray(1024, 2048);
  const { cid } = await makeBlock(RAW, view);
  const store = new IDBBlockstore(freshName());
  await store.open();
  const kept = async () => {
    for await (const bytes of store.get(cid)) return bytes.buffer.byteLength;
    return 0;
  };
  // IndexedDB copies the whole buffer behind a view, hence the copies below.
  await store.put(cid, view);
  expect(await kept()).toBe(8 << 20);
  await store.delete(cid);
  await new CheckedBlockstore(store).put(cid, view);
  expect(await kept()).toBe(1024);
  await store.close();
  await store.destroy();
});

it('stores 50 MiB in one piece, and has them after a reload and in a second tab', async () => {
  const name = freshName();
  const first = await openNode(name);
  const root = await addFile(first, filled(50 << 20));
  await pin(first, root, { name: 'large' });
  const second = await openNode(name);
  expect(await lengthOf(readFile(second, root))).toBe(50 << 20);
  await first.dispose();
  await second.dispose();
  const again = await openNode(name);
  expect(await verifyData(again, [root])).toMatchObject({ blocks: 51, missing: [], damaged: [] });
  await again.dispose();
});
