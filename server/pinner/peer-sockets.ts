// libp2p's WebSocket transport for a public server. It connects to public addresses only. The address is checked after
// name resolution, on connecting, so neither odd spellings nor changing DNS answers bypass the check. Incoming
// connections have to finish their handshake in time.

import { lookup as resolve } from 'node:dns';
import { isIP, Server, type LookupFunction } from 'node:net';
import { webSockets } from '@libp2p/websockets';
import type { Multiaddr } from '@multiformats/multiaddr';
import { multiaddrToUri } from '@multiformats/multiaddr-to-uri';
import WebSocketOfNode from 'ws';
import { BadAddressError } from '#lib/ipfs/errors.ts';

export interface PeerSocketOptions {
  /** Whether an IP address may be connected to. */
  isForbidden(ip: string): boolean;
  /** Milliseconds from the TCP connection to the finished WebSocket handshake. */
  handshakeMs: number;
  /** Most open connections, handshakes included. */
  maxSockets: number;
}

type Transport = ReturnType<ReturnType<typeof webSockets>>;

/** Internals of the pinned version of the transport; `guarded` throws when they differ. */
interface Inside {
  _connect?(address: Multiaddr, options: { signal?: AbortSignal }): Promise<WebSocketOfNode>;
}

export function peerSockets({
  isForbidden,
  handshakeMs,
  maxSockets,
}: PeerSocketOptions): ReturnType<typeof webSockets> {
  const http = {
    headersTimeout: handshakeMs,
    requestTimeout: handshakeMs,
    connectionsCheckingInterval: handshakeMs / 5,
  };
  const factory = webSockets({ http });
  return (components) => {
    const transport = factory(components) as Transport & Inside;
    if (transport._connect === undefined) throw changed('opens');
    transport._connect = (address, { signal }) => open(multiaddrToUri(address), isForbidden, signal);
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options) => {
      const listener = createListener(options);
      const { server } = listener as { server?: unknown };
      if (!(server instanceof Server)) throw changed('listens for');
      server.maxConnections = maxSockets;
      // This limit ends silent sockets; upgrading to a WebSocket removes it. HTTP's own limits end those that send too
      // slowly.
      server.on('connection', (socket) => socket.setTimeout(handshakeMs, () => socket.destroy()));
      return listener;
    };
    return transport;
  };
}

const changed = (verb: string) =>
  new TypeError(`@libp2p/websockets ${verb} its sockets in another way than this file knows.`);

function open(uri: string, isForbidden: (ip: string) => boolean, signal?: AbortSignal): Promise<WebSocketOfNode> {
  // The brackets of IPv6 are removed; URL normalises odd spellings of IPv4 (127.1, 0x7f.1, circled digits).
  const host = new URL(uri).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isForbidden(host)) {
    return Promise.reject(new BadAddressError(uri, 'lies inside a private network'));
  }
  // ws passes options on to `net.connect`; its types list those of HTTP only.
  const options: WebSocketOfNode.ClientOptions & { lookup: LookupFunction } = { lookup: judged(uri, isForbidden) };
  const socket = new WebSocketOfNode(uri, options);
  socket.binaryType = 'arraybuffer';
  return new Promise((done, fail) => {
    const stop = () => socket.terminate();
    signal?.addEventListener('abort', stop, { once: true });
    socket.once('open', () => {
      signal?.removeEventListener('abort', stop);
      done(socket);
    });
    // Never removed: an unhandled socket error would end the process.
    socket.on('error', fail);
    if (signal?.aborted) stop();
  });
}

/** Resolves names as Node does; fails if any address of the name is forbidden. */
const judged =
  (uri: string, isForbidden: (ip: string) => boolean): LookupFunction =>
  (name, options, done) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      if (addresses.some(({ address }) => isForbidden(address))) {
        return done(new BadAddressError(uri, 'leads into a private network'), []);
      }
      const [first] = addresses;
      if (options.all || !first) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
