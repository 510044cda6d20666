// A pin backend on the Helia node of this process: blocks in local files; peers connect over WebSocket.

import { Key } from 'interface-datastore';
import type { CID } from 'multiformats/cid';
import { writeCar } from '#lib/formats/block/car.ts';
import { fetchDag } from '#lib/ipfs/fetch-dag.ts';
import { importCarInto } from '#lib/ipfs/import-car.ts';
import type { Network } from '#lib/ipfs/network.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import { cleanUp, pin, undoBrokenPins, unpin } from '#lib/ipfs/pins.ts';
import { allOrNothing } from '#lib/ipfs/undo.ts';
import type { PinBackend, PinTask } from './pin-backend.ts';

/** Set in the datastore while blocks without a pin may exist, so that a start after a crash removes them. */
const WRITING = new Key('/payable/pinner-writing');

/** `network` decides which addresses of a request it may connect to. */
export async function createHeliaBackend(node: IpfsNode, network: Network): Promise<PinBackend> {
  await undoBrokenPins(node);
  const isUntidy = await node.data.has(WRITING);
  let isMarked = isUntidy;
  let marking: Promise<void> = Promise.resolve();
  /** Serialises changes of the mark: a write that starts while the mark is removed sets it again. */
  const setMark = (wanted: boolean): Promise<void> => {
    const act = async () => {
      if (isMarked === wanted) return;
      if (wanted) await node.data.put(WRITING, new Uint8Array(0));
      else await node.data.delete(WRITING);
      isMarked = wanted;
    };
    return (marking = marking.then(act, act));
  };

  async function connect(origins: readonly string[], signal: AbortSignal): Promise<void> {
    // Unreachable origins show when blocks are requested.
    await Promise.allSettled(origins.map((origin) => network.connect(origin, { signal })));
  }

  return {
    name: 'helia',
    isUntidy,
    async pin(root, { origins, arrive, signal }: PinTask) {
      await connect(origins, signal);
      await setMark(true);
      const { blocks, bytes } = await fetchDag(node, root, { sources: [network], onProgress: arrive, signal });
      await pin(node, root, { signal });
      return { blocks, bytes };
    },
    unpin: (root) => unpin(node, root),
    async take(root, blocks, { signal }) {
      await setMark(true);
      return allOrNothing(node, async (store) => {
        await importCarInto(store, node, writeCar([root], blocks), { root, signal });
        return pin(node, root, { signal });
      });
    },
    holds: (cid) => node.helia.pins.isPinned(cid),
    block: (cid: CID, signal) => node.blocks.read(cid, signal),
    delegates: async () => network.addresses(),
    async tidy() {
      await cleanUp(node);
      await setMark(false);
    },
    settle: () => setMark(false),
    async dispose() {
      await network.dispose();
      await node.dispose();
    },
  };
}
