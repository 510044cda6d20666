// The IPFS node of this device without any network: checked blocks, pins, garbage collection. What fetches and serves
// comes beside it, when it is asked for. It knows no platform: stores are handed in.

import { createHeliaLight, type Helia } from 'helia';
import * as dagCbor from '@ipld/dag-cbor';
import type { Blockstore } from 'interface-blockstore';
import type { Datastore } from 'interface-datastore';
import { CheckedBlockstore } from './checked-blockstore.ts';
import type { Claim } from './undo.ts';

export interface Stores {
  blocks: Blockstore;
  /** Pins, keys of the network, names of what is kept. */
  data: Datastore;
  close(): Promise<void>;
}

export interface IpfsNode {
  /** Every block of this device; what is put is hashed first. */
  readonly blocks: CheckedBlockstore;
  readonly data: Datastore;
  readonly helia: Helia;
  /** Blocks that writers under way may still take back, by content id. */
  readonly claims: Map<string, Claim>;
  /** Ends the node and closes its stores. */
  dispose(): Promise<void>;
}

/** The stores are open already. @throws StoreFailedError and what Helia has for a datastore of a later version */
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
