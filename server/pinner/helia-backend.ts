// Blocks in files of this machine, kept by the node inside this process; peers connect over WebSocket.

import type { CID } from 'multiformats/cid';
import { writeCar } from '#lib/core/format/car.ts';
import { fetchDag } from '#lib/ipfs/fetch-dag.ts';
import { importCar } from '#lib/ipfs/import-car.ts';
import type { Network } from '#lib/ipfs/network.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import { cleanUp, pin, undoBrokenPins, unpin } from '#lib/ipfs/pins.ts';
import { isPrivateAddress } from './private-address.ts';
import type { PinBackend, PinTask } from './pin-backend.ts';

export interface HeliaBackendOptions {
  /** Whether requests may have this machine connect to addresses of its own network. */
  dialPrivate: boolean;
}

export async function createHeliaBackend(
  node: IpfsNode,
  network: Network,
  { dialPrivate }: HeliaBackendOptions,
): Promise<PinBackend> {
  await undoBrokenPins(node);

  async function connect(origins: readonly string[], signal: AbortSignal): Promise<void> {
    const allowed = origins.filter((origin) => dialPrivate || !isPrivateAddress(origin));
    // Whether one of them can be reached is found out when blocks are asked for.
    await Promise.allSettled(allowed.map((origin) => network.connect(origin, { signal })));
  }

  return {
    name: 'helia',
    async pin(root, { origins, maxBytes, signal }: PinTask) {
      await connect(origins, signal);
      const { blocks, bytes } = await fetchDag(node, root, { sources: [network], maxBytes, signal });
      await pin(node, root, { signal });
      return { blocks, bytes };
    },
    unpin: (root) => unpin(node, root),
    async take(root, blocks, { maxBytes, signal }) {
      await importCar(node, writeCar([root], blocks), { root, maxBytes, signal });
      return pin(node, root, { signal, maxBytes });
    },
    block: (cid: CID, signal) => node.blocks.read(cid, signal),
    delegates: async () => network.addresses(),
    tidy: async () => void (await cleanUp(node)),
    async dispose() {
      await network.dispose();
      await node.dispose();
    },
  };
}
