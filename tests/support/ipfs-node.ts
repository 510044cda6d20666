// An IPFS node in memory, and content to fill it with.

import { MemoryBlockstore } from 'blockstore-core';
import { MemoryDatastore } from 'datastore-core';
import type { Blockstore } from 'interface-blockstore';
import type { CID } from 'multiformats/cid';
import { createCipheriv, createHash } from 'node:crypto';
import { createIpfsNode } from '#lib/ipfs/node.ts';

export const memoryNode = (blocks: Blockstore = new MemoryBlockstore(), data = new MemoryDatastore()) =>
  createIpfsNode({ blocks, data, close: async () => undefined });

/** Ids of all blocks in a store, sorted. */
export const idsIn = (store: MemoryBlockstore): string[] =>
  [...(store.getAll() as Iterable<{ cid: CID }>)].map(({ cid }) => cid.toString()).sort();

export const text = (words: string): Uint8Array => new TextEncoder().encode(words);

export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return new Uint8Array(Buffer.concat(parts));
}

/** The stream of bytes that IPIP-499's vectors are made of: ChaCha20 under the sha256 of a seed, in pieces of 1 MiB. */
export function* seededBytes(size: number, seed: string): Generator<Uint8Array> {
  const stream = createCipheriv('chacha20', createHash('sha256').update(seed).digest(), Buffer.alloc(16));
  for (let at = 0; at < size; at += 1 << 20) {
    yield new Uint8Array(stream.update(Buffer.alloc(Math.min(1 << 20, size - at))));
  }
}
