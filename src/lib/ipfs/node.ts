// The IPFS node of this device without a network: checked blocks, pins, garbage collection. The network is a part of its own, loaded on demand. It
// knows no platform: the caller passes the stores.

import { createHeliaLight, type Helia } from 'helia';
import * as dagCbor from '@ipld/dag-cbor';
import type { Blockstore } from 'interface-blockstore';
import type { Datastore } from 'interface-datastore';
import { CheckedBlockstore } from './checked-blockstore.ts';
import type { Claim } from './undo.ts';

export interface Stores {
  blocks: Blockstore;
  /** Pins, network keys, names of pinned graphs. */
  data: Datastore;
  close(): Promise<void>;
}

export interface IpfsNode {
  /** Every block of this device; blocks are hashed before they are stored. */
  readonly blocks: CheckedBlockstore;
  readonly data: Datastore;
  readonly helia: Helia;
  /** Blocks that unfinished writers may still remove, by content id. */
  readonly claims: Map<string, Claim>;
  /** Ends the node and closes its stores. */
  dispose(): Promise<void>;
}

/** Expects open stores. @throws StoreFailedError, and Helia's error for a datastore of a later version */
export async function createIpfsNode(stores: Stores): Promise<IpfsNode> {
  const blocks = new CheckedBlockstore(stores.blocks);
  const helia = createHeliaLight({ blockstore: blocks, datastore: stores.data, codecs: [dagCbor] });
  await helia.start();
  return {
    blocks,
    data: stores.data,
    helia,
    claims: new Map(),
    async dispose() {
      await helia.stop();
      await stores.close();
    },
  };
}
