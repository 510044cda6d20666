// Each check reaches the pinner itself: a copy in the browser's cache does not count.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { makeBlock, RAW } from '#lib/formats/block/block.ts';
import { memoryNode } from '#tests/support/ipfs-node.ts';
import { findCopies, type Copy } from './find-copies.ts';

/** Caches responses marked as immutable, as browsers do, unless the request bypasses the cache. */
function keepingFetch(): typeof fetch {
  const kept = new Map<string, ArrayBuffer>();
  return async (address, init) => {
    const key = address instanceof Request ? address.url : String(address);
    const mayKeep = !['no-store', 'reload', 'no-cache'].includes(init?.cache ?? 'default');
    const before = kept.get(key);
    if (mayKeep && before) return new Response(before);
    const response = await fetch(address, init);
    if (mayKeep && response.headers.get('cache-control')?.includes('immutable'))
      kept.set(key, await response.clone().arrayBuffer());
    return response;
  };
}

it('a pinner that is gone, or no longer has the version, is not listed as having it', async () => {
  const { cid, bytes } = await makeBlock(RAW, Uint8Array.of(1, 2, 3));
  let answer = (response: ServerResponse): unknown =>
    response.writeHead(200, { 'cache-control': 'public, max-age=29030400, immutable' }).end(bytes);
  const server = createServer((_, response) => void answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pinner = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const node = await memoryNode();
  const fetch = keepingFetch();
  const look = async () => {
    const copies: Copy[] = [];
    const { signal } = new AbortController();
    for await (const copy of findCopies(node, cid, { pinners: [pinner], fetch, signal })) copies.push(copy);
    return copies.map(({ state }) => state);
  };
  expect(await look()).toEqual(['missing', 'kept']);
  answer = (response) => response.writeHead(404).end();
  expect(await look()).toEqual(['missing', 'missing']);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await look()).toEqual(['missing', 'unknown']);
});
