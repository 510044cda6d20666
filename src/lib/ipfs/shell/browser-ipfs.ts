// IPFS in a page: stores of this origin, the pinners that the user named, and a network that one tab runs for all. There is no default
// pinner or peer; without them it works on the blocks of this device.

import type { CID } from 'multiformats/cid';
import { PayableError } from '#lib/core/errors.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import type { BlockSource } from '../block-source.ts';
import { BlockMissingError, SourceFailedError } from '../errors.ts';
import { fetchBlock, fetchDag, takeBlock, type Fetched, type FetchOptions } from '../fetch-dag.ts';
import { createGateway } from '../gateway.ts';
import { openNetwork, type Network } from '../network.ts';
import { createIpfsNode, type IpfsNode } from '../node.ts';
import { undoBrokenPins } from '../pins.ts';
import { createRecentBlocks } from '../recent-blocks.ts';
import { openBrowserStores, STORES } from './browser-stores.ts';
import { joinNetwork, networkOf, type Figures, type Leading, type NetworkTab } from './network-tab.ts';

export interface IpfsSettings {
  /** HTTP addresses of pinners, tried in this order. */
  pinners: readonly string[];
  /** HTTP addresses of gateways that only give out blocks, tried after the pinners. */
  gateways: readonly string[];
  /** Multiaddresses of peers to connect to; without any, libp2p is not loaded. */
  peers: readonly string[];
  webrtc: boolean;
}

export interface BrowserIpfs {
  readonly node: IpfsNode;
  /** Fetches the missing blocks of a graph: by HTTP from pinners, else from peers through the leading tab. */
  fetch(root: CID, options?: Omit<FetchOptions, 'sources'>): Promise<void>;
  /** One block, from this device or from pinners, for reading a graph without fetching all of it. */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
  /** Connects to the peers through the leading tab, and serves blocks to them while the tab is open. */
  goOnline(): NetworkTab;
  /** Requests persistent storage. False when the browser declines. */
  persist(): Promise<boolean>;
  dispose(): Promise<void>;
}

/** `settings` is called at each fetch, so that changes apply at once. */
export async function openBrowserIpfs(settings: () => IpfsSettings, name = STORES): Promise<BrowserIpfs> {
  const node = await createIpfsNode(await openBrowserStores(name));
  // Every open tab holds this lock in shared mode. A tab that gets it exclusively is alone, so unfinished work belongs to a tab that died.
  const open = `${name}/open`;
  await navigator.locks.request(open, { ifAvailable: true }, async (lock) => {
    if (lock) await undoBrokenPins(node);
  });
  let releaseLock = (): void => undefined;
  await new Promise<void>((resolve, reject) => {
    const held = new Promise<void>((end) => (releaseLock = end));
    navigator.locks.request(open, { mode: 'shared' }, () => (resolve(), held)).catch(reject);
  });
  let tab: NetworkTab | undefined;
  const gateways = (): BlockSource[] =>
    [...settings().pinners, ...settings().gateways].map((address) =>
      createGateway(address, { fetch: globalThis.fetch.bind(globalThis) }),
    );

  const lead = async (): Promise<Leading> => {
    const network = await openNetwork(node, { webrtc: settings().webrtc });
    await connectAll(network, settings().peers);
    const recent = createRecentBlocks((cid) => takeBlock(cid, { sources: [network] }));
    return {
      async fetch(root, { signal, onProgress }) {
        if (network.peers().length === 0) await connectAll(network, settings().peers, signal);
        const report = ({ blocks, bytes }: Fetched): void => onProgress({ blocks, bytes });
        await fetchDag(node, parseCid(root), { sources: [...gateways(), network], signal, onProgress: report });
      },
      async block(cid) {
        if (network.peers().length === 0) await connectAll(network, settings().peers);
        return recent(parseCid(cid));
      },
      dispose: () => network.dispose(),
    };
  };
  const goOnline = (): NetworkTab => (tab ??= joinNetwork(networkOf(name), lead));

  return {
    node,
    goOnline,
    block: (cid, signal) => fetchBlock(node, cid, { sources: gateways(), signal }),
    async fetch(root, options = {}) {
      try {
        await fetchDag(node, root, { ...options, sources: gateways() });
      } catch (error) {
        const elsewhere = error instanceof BlockMissingError || error instanceof SourceFailedError;
        if (!elsewhere || settings().peers.length === 0) throw error;
        const { signal, onProgress } = options;
        const report = (figures: Figures): void => onProgress?.({ ...figures, fetched: 0 });
        await goOnline().fetch(root.toString(), { ...(signal && { signal }), onProgress: report });
      }
    },
    persist: async () => (await navigator.storage.persisted()) || navigator.storage.persist(),
    async dispose() {
      await tab?.dispose();
      await node.dispose();
      releaseLock();
    },
  };
}

/** Unreachable peers are not an error here: blocks that only they had are reported as missing later. */
async function connectAll(network: Network, peers: readonly string[], signal?: AbortSignal): Promise<void> {
  const connecting = peers.map((peer) => network.connect(peer, { signal }));
  for (const result of await Promise.allSettled(connecting)) {
    if (result.status === 'rejected' && !(result.reason instanceof PayableError)) throw result.reason;
  }
}
