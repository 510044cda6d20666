// The way to other peers, loaded when it is first wanted: libp2p is larger than all the rest of IPFS. It knows no platform.

import type { webSockets } from '@libp2p/websockets';
import type { CID } from 'multiformats/cid';
import type { BlockSource } from './block-source.ts';
import type { IpfsNode } from './node.ts';

export interface NetworkOptions {
  /** Addresses to listen at, like `/ip4/127.0.0.1/tcp/4181/ws`; browsers have none. */
  listen?: readonly string[];
  /** Addresses to tell others instead of those listened at. */
  announce?: readonly string[];
  /** WebRTC beside WebSocket: direct, and between browsers through a relay. Default off. */
  webrtc?: boolean;
  /** Lets browsers reach each other through this node. Default off. */
  relay?: boolean;
  /** Which blocks of this device peers may have; default all. */
  shows?(cid: CID): Promise<boolean>;
  /** Which addresses may be connected to; default all, since the user names them. */
  mayDial?(address: string): boolean;
  /** How WebSockets are opened and listened for; default that of libp2p. */
  webSockets?: ReturnType<typeof webSockets>;
  /** A block that no peer sends for so long is given up; default 30,000. */
  patienceMs?: number;
}

export interface Network extends BlockSource {
  /** Peer id of this device. */
  readonly id: string;
  /** Where this device can be reached; empty in most browsers. */
  addresses(): string[];
  /** Peer ids of who is connected. */
  peers(): string[];
  /** Connects to a peer; the peer's id. @throws BadAddressError, SourceFailedError, AbortedError */
  connect(address: string, options?: { signal?: AbortSignal | undefined }): Promise<string>;
  dispose(): Promise<void>;
}

/**
 * Connects to nobody by itself: no bootstrap list, no DHT, no router, no gateway. Blocks of `node` are given to whoever
 * connects and asks for them by id.
 */
export async function openNetwork(node: IpfsNode, options: NetworkOptions = {}): Promise<Network> {
  const { startNetwork } = await import('./network-node.ts');
  return startNetwork(node, options);
}
