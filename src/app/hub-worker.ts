/// <reference lib="webworker" />
// Checks and downloads models in a worker: only there a file of the private file storage can be written in its middle, and
// hashing gigabytes never holds up the page.

import { serve } from '#lib/core/rpc.ts';
import { measureSpeed } from '#lib/engine/measure-speed.ts';
import { createOpfsChunkStore } from '#lib/engine/shell/opfs-chunk-store.ts';
import { openHubPlace, takeHubPlace } from '#lib/engine/shell/hub-places.ts';
import { createBrowserTransferHost } from '#lib/engine/shell/transfer-host.ts';
import { createAddressSource } from '#lib/files/address/address-source.ts';
import { createAnySource } from '#lib/files/any-source.ts';
import { createHub } from '#lib/files/hub/hub.ts';
import { placeOf, type RepoListing, type RepoSource } from '#lib/files/repo.ts';
import { checkModel } from '#lib/flows/check-model.ts';
import { pullModel } from '#lib/flows/pull-model.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { createIpfsSource } from '#lib/registry/ipfs-source.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { CheckedBlockstore } from '#lib/ipfs/checked-blockstore.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import { openBrowserStores, STORES } from '#lib/ipfs/shell/browser-stores.ts';
import { joinNetwork, networkOf, type NetworkTab } from '#lib/ipfs/shell/network-tab.ts';
import type { BlockSource } from '#lib/ipfs/block-source.ts';
import { withoutCache } from '#lib/ipfs/without-cache.ts';
import type { HubDesk, SourceAccess } from './hub-desk.ts';

declare const self: DedicatedWorkerGlobalScope;

const host = createBrowserTransferHost();

/** The blocks that this browser keeps of Datanets; null where it gives no IndexedDB. */
let ownBlocks: Promise<CheckedBlockstore | null> | null = null;
const openOwnBlocks = () =>
  (ownBlocks ??= openBrowserStores().then(
    ({ blocks }) => new CheckedBlockstore(blocks),
    () => null,
  ));

/** Peers of the network that a tab runs: WebRTC is for pages only. */
let network: NetworkTab | null = null;
const peers: BlockSource = {
  name: 'peers',
  block: (cid, { signal } = {}) => (network ??= joinNetwork(networkOf(STORES), null)).block(cid.toString(), signal),
};

const sourceWith = ({ ipfs, ...hub }: SourceAccess): RepoSource =>
  createAnySource({
    hub: createHub({ host, ...hub }),
    address: createAddressSource({ host }),
    ipfs: createIpfsSource({
      host,
      sources: [
        ...[...ipfs.pinners, ...ipfs.gateways].map((address) =>
          createGateway(address, { fetch: withoutCache(host.fetch) }),
        ),
        ...(ipfs.peers.length > 0 ? [peers] : []),
      ],
      here: async (cid) =>
        (await openOwnBlocks())?.read(cid).catch((error: unknown) => {
          if (error instanceof BlockMissingError) return null;
          throw error;
        }) ?? null,
    }),
  });

const desk: HubDesk = {
  async *pull({ repo, access, chunkBytes }, signal) {
    let release = () => {};
    const context = {
      source: sourceWith(access),
      now: () => host.now(),
      async openStore(listing: RepoListing) {
        const place = placeOf(listing);
        ({ release } = await takeHubPlace(place));
        return createOpfsChunkStore(await openHubPlace(place));
      },
    };
    try {
      yield* pullModel(context, { repo, chunkBytes }, { signal });
    } finally {
      release();
    }
  },
  check: ({ repo, access, ...input }, signal) =>
    checkModel({ source: sourceWith(access) }, { repo, ...input }, { signal }),
  async measure() {
    const device = await createGpuDevice(navigator.gpu, { limits: 'best' });
    try {
      return await measureSpeed(device, () => host.now());
    } finally {
      device.dispose();
    }
  },
};

serve(self, desk);
