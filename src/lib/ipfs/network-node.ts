// Helia with libp2p and bitswap over the blocks of this device: WebSocket, and WebRTC when switched on.

import { withBitswap } from '@helia/bitswap';
import { withLibp2pLight } from '@helia/libp2p';
import * as dagCbor from '@ipld/dag-cbor';
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { BaseBlockstore } from 'blockstore-core';
import { createHeliaLight } from 'helia';
import type { CID } from 'multiformats/cid';
import { AbortedError } from '#lib/core/errors.ts';
import type { CheckedBlockstore } from './checked-blockstore.ts';
import { BadAddressError, BlockMissingError, SourceFailedError } from './errors.ts';
import type { Network, NetworkOptions } from './network.ts';
import type { IpfsNode } from './node.ts';

const MAX_CONNECTIONS = 64;
const RELAYED_BYTES = 1n << 30n;
const DIAL_MS = 15_000;

export async function startNetwork(node: IpfsNode, options: NetworkOptions): Promise<Network> {
  const { listen = [], announce = [], webrtc = false, relay = false, patienceMs = 30_000 } = options;
  const { shows = async () => true, mayDial = () => true } = options;
  // Loaded apart: it is large, and most users never need it.
  const webrtcTransports = webrtc ? await import('@libp2p/webrtc').then((m) => [m.webRTC(), m.webRTCDirect()]) : [];
  const helia = withBitswap(
    withLibp2pLight(
      createHeliaLight({ blockstore: new Shown(node.blocks, shows), datastore: node.data, codecs: [dagCbor] }),
      {
        addresses: { listen: [...listen], announce: [...announce] },
        transports: [
          options.webSockets ?? webSockets(),
          ...webrtcTransports,
          ...(webrtc ? [circuitRelayTransport()] : []),
        ],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        // Browsers refuse addresses of this machine and of the local network by default.
        connectionGater: { denyDialMultiaddr: (address) => !mayDial(address.toString()) },
        connectionManager: { maxConnections: MAX_CONNECTIONS },
        services: {
          identify: identify(),
          ping: ping(),
          ...(relay && { relay: circuitRelayServer({ reservations: { defaultDataLimit: RELAYED_BYTES } }) }),
        },
      },
    ),
  );
  await helia.start();
  const { libp2p } = helia;

  async function block(cid: CID, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Uint8Array> {
    const asked = libp2p.getPeers().map((peer) => peer.toString());
    if (asked.length === 0) throw new BlockMissingError(cid.toString(), ['any peer, for none is connected']);
    const patience = AbortSignal.timeout(patienceMs);
    try {
      let bytes = new Uint8Array(0);
      const pieces = helia.blockstore.get(cid, { signal: signal ? AbortSignal.any([signal, patience]) : patience });
      for await (const piece of pieces) bytes = new Uint8Array(piece);
      return bytes;
    } catch (cause) {
      if (signal?.aborted) throw new AbortedError(cause);
      throw new BlockMissingError(cid.toString(), asked, cause);
    }
  }

  return {
    name: 'peers',
    id: libp2p.peerId.toString(),
    block,
    addresses: () => libp2p.getMultiaddrs().map((address) => address.toString()),
    peers: () => libp2p.getPeers().map((peer) => peer.toString()),
    async connect(address, { signal } = {}) {
      const target = parseAddress(address);
      const patience = AbortSignal.timeout(DIAL_MS);
      try {
        const connection = await libp2p.dial(target, {
          signal: signal ? AbortSignal.any([signal, patience]) : patience,
        });
        return connection.remotePeer.toString();
      } catch (cause) {
        if (signal?.aborted) throw new AbortedError(cause);
        throw new SourceFailedError(address, 'it cannot be reached', { cause });
      }
    },
    dispose: async () => void (await helia.stop()),
  };
}

/**
 * The blockstore that peers see. Blocks from peers go to the caller, which stores them: only the caller can undo a fetch when the device is
 * full.
 */
class Shown extends BaseBlockstore {
  readonly #blocks: CheckedBlockstore;
  readonly #shows: (cid: CID) => Promise<boolean>;

  constructor(blocks: CheckedBlockstore, shows: (cid: CID) => Promise<boolean>) {
    super();
    this.#blocks = blocks;
    this.#shows = shows;
  }
  override async has(cid: CID, options?: { signal?: AbortSignal }): Promise<boolean> {
    return (await this.#shows(cid)) && this.#blocks.has(cid, options);
  }
  override async *get(cid: CID, options?: { signal?: AbortSignal }): AsyncGenerator<Uint8Array, void, undefined> {
    if (!(await this.#shows(cid))) throw new BlockMissingError(cid.toString());
    yield* this.#blocks.get(cid, options);
  }
  override put(cid: CID): Promise<CID> {
    return Promise.resolve(cid);
  }
}

function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address);
  } catch (cause) {
    throw new BadAddressError(address, 'is no address of a peer', cause);
  }
}
