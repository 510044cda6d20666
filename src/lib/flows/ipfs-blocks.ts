// Blocks as the stories about Datanets want them: from this device, else fetched with their whole graph from whoever was named.

import type { CID } from 'multiformats/cid';
import type { Block } from '#lib/core/format/block.ts';
import type { FetchOptions } from '#lib/ipfs/fetch-dag.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import { pin } from '#lib/ipfs/pins.ts';

/** What of a browser's IPFS these stories use. */
export interface IpfsAccess {
  readonly node: IpfsNode;
  fetch(root: CID, options?: Omit<FetchOptions, 'sources'>): Promise<void>;
}

/** Block `cid`, after fetching what hangs on it when it is not here. @throws as fetchDag */
export async function readOrFetch({ node, fetch }: IpfsAccess, cid: CID, signal?: AbortSignal): Promise<Uint8Array> {
  if (!(await node.blocks.has(cid))) await fetch(cid, { signal });
  return node.blocks.read(cid, signal);
}

/** Stores `blocks` and keeps the graph of the last one under `name`. @throws StorageFullError */
export async function keepBlocks({ node }: IpfsAccess, blocks: readonly Block[], name: string): Promise<void> {
  for (const { cid, bytes } of blocks) await node.blocks.put(cid, bytes);
  await pin(node, blocks.at(-1)!.cid, { name });
}
