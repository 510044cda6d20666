// An IPFS node of one command: blocks in a folder of the system's temporary files, removed at its end. Blocks that are not here come from
// the given sources, each hashed before it is used.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsBlockstore } from 'blockstore-fs';
import { MemoryDatastore } from 'datastore-core';
import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import type { BlockSource } from '#lib/ipfs/block-source.ts';
import { fetchBlock, fetchDag } from '#lib/ipfs/fetch-dag.ts';
import { createIpfsNode } from '#lib/ipfs/node.ts';

export interface ScratchIpfs extends IpfsAccess {
  dispose(): Promise<void>;
}

export async function openScratchIpfs(sources: readonly BlockSource[]): Promise<ScratchIpfs> {
  const folder = await mkdtemp(join(tmpdir(), 'payable-ipfs-'));
  const blocks = new FsBlockstore(join(folder, 'blocks'));
  await blocks.open();
  const node = await createIpfsNode({ blocks, data: new MemoryDatastore(), close: () => blocks.close() });
  return {
    node,
    fetch: async (root, options = {}) => void (await fetchDag(node, root, { ...options, sources })),
    block: (cid, signal) => fetchBlock(node, cid, { sources, signal }),
    async dispose() {
      await node.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
