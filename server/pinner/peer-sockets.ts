// WebSockets of libp2p for a machine that strangers talk to. They connect to public addresses only, judged when the connection is made,
// after a name was resolved: however a name is written, and however often its answer changes, the socket goes where the judge
// looked. Those that strangers open have to finish their handshake in time.

import { lookup as resolve } from 'node:dns';
import { isIP, Server, type LookupFunction } from 'node:net';
import { webSockets } from '@libp2p/websockets';
import type { Multiaddr } from '@multiformats/multiaddr';
import { multiaddrToUri } from '@multiformats/multiaddr-to-uri';
import WebSocketOfNode from 'ws';
import { BadAddressError } from '#lib/ipfs/errors.ts';

export interface PeerSocketOptions {
  /** Judges IP addresses. */
  isForbidden(ip: string): boolean;
  /** From a connection to a WebSocket. */
  handshakeMs: number;
  /** Connections that are open at once, handshakes included. */
  maxSockets: number;
}

type Transport = ReturnType<ReturnType<typeof webSockets>>;

/** What the pinned version of the transport works with inside; `guarded` fails where it does not. */
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
      // Silence ends it until it is a WebSocket, which takes the limit away; drops end by the limits of HTTP.
      server.on('connection', (socket) => socket.setTimeout(handshakeMs, () => socket.destroy()));
      return listener;
    };
    return transport;
  };
}

const changed = (verb: string) =>
  new TypeError(`@libp2p/websockets ${verb} its sockets in another way than this file knows.`);

function open(uri: string, isForbidden: (ip: string) => boolean, signal?: AbortSignal): Promise<WebSocketOfNode> {
  // Brackets of IPv6 go; odd spellings of IPv4 (127.1, 0x7f.1, digits in circles) are written plainly by URL.
  const host = new URL(uri).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isForbidden(host)) {
    return Promise.reject(new BadAddressError(uri, 'lies inside a private network'));
  }
  // ws hands options of `net.connect` on; its types name those of HTTP only.
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
    // It stays: an error of a socket that has no listener for it would end the process.
    socket.on('error', fail);
    if (signal?.aborted) stop();
  });
}

/** Resolves names as Node does; a name of which any address is forbidden leads nowhere. */
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
