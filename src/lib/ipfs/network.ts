// Connections to other peers, loaded on first use: libp2p is larger than the rest of IPFS together. It knows no platform.

import type { webSockets } from '@libp2p/websockets';
import type { CID } from 'multiformats/cid';
import type { BlockSource } from './block-source.ts';
import type { IpfsNode } from './node.ts';

export interface NetworkOptions {
  /** Addresses to listen at, like `/ip4/127.0.0.1/tcp/4181/ws`; browsers have none. */
  listen?: readonly string[];
  /** Addresses to announce instead of the listening ones. */
  announce?: readonly string[];
  /** WebRTC beside WebSocket: direct, and between browsers through a relay. Default off. */
  webrtc?: boolean;
  /** Lets browsers reach each other through this node. Default off. */
  relay?: boolean;
  /** Which blocks of this device peers may have; default all. */
  shows?(cid: CID): Promise<boolean>;
  /** Which addresses may be dialled; default all, since the user names them. */
  mayDial?(address: string): boolean;
  /** How WebSockets are opened and listened for; default that of libp2p. */
  webSockets?: ReturnType<typeof webSockets>;
  /** Milliseconds after which a block that no peer sends is given up; default 30,000. */
  patienceMs?: number;
}

export interface Network extends BlockSource {
  /** Peer id of this device. */
  readonly id: string;
  /** Where this device can be reached; empty in most browsers. */
  addresses(): string[];
  /** Ids of connected peers. */
  peers(): string[];
  /** Connects to a peer; the peer's id. @throws BadAddressError, SourceFailedError, AbortedError */
  connect(address: string, options?: { signal?: AbortSignal | undefined }): Promise<string>;
  dispose(): Promise<void>;
}

/**
 * Starts without connections: no bootstrap list, no DHT, no router, no gateway. Peers that connect get blocks of `node` by id.
 */
export async function openNetwork(node: IpfsNode, options: NetworkOptions = {}): Promise<Network> {
  const { startNetwork } = await import('./network-node.ts');
  return startNetwork(node, options);
}
