// Starts a pinner from its settings: stores in a folder, a node with a WebSocket listener, the queue, the HTTP server.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { FsBlockstore } from 'blockstore-fs';
import { LevelDatastore } from 'datastore-level';
import { openNetwork } from '#lib/ipfs/network.ts';
import { createIpfsNode } from '#lib/ipfs/node.ts';
import { createPinnerApp } from './app.ts';
import { createClusterBackend, type ClusterOptions } from './cluster-backend.ts';
import { createHeliaBackend } from './helia-backend.ts';
import { PinnerStartError } from './errors.ts';
import { createKuboBackend, type KuboOptions } from './kubo-backend.ts';
import type { PinBackend } from './pin-backend.ts';
import { openOfferBook, type OfferLimits } from './offer-book.ts';
import { peerSockets } from './peer-sockets.ts';
import { openPinBook, type Quotas } from './pin-book.ts';
import { createPinQueue, type QueueOptions } from './pin-queue.ts';
import { isPrivateAddress, isPrivateIp } from './private-address.ts';
import { endSlowClients, type SlowClientLimits } from './slow-clients.ts';
import { openTokens, type Tokens } from './tokens.ts';

export interface PinnerOptions {
  /** Folder of blocks, pins, requests and keys. */
  folder: string;
  /** Default 127.0.0.1: this machine only. */
  host?: string;
  /** HTTP port; 0 takes a free one. */
  port: number;
  /** WebSocket port; 0 takes a free one. */
  peerPort: number;
  /** Public URL of the HTTP server; default the address it listens on. */
  publicUrl?: string | undefined;
  /** Public multiaddresses of the WebSocket, like `/dns4/pin.example/tcp/443/wss`. */
  announce?: readonly string[];
  webrtc?: boolean;
  quotas?: Partial<Quotas>;
  offers?: Partial<OfferLimits>;
  backend?: { kind: 'helia' } | ({ kind: 'kubo' } & KuboOptions) | ({ kind: 'cluster' } & ClusterOptions);
  queue?: Omit<QueueOptions, 'log'>;
  slow?: Partial<SlowClientLimits>;
  headersMs?: number;
  log(line: string): void;
}

export interface Pinner {
  url: string;
  /** Multiaddresses of the node; empty with an external backend. */
  addresses: string[];
  peerId: string | undefined;
  tokens: Tokens;
  close(): Promise<void>;
}

const GIB = 2 ** 30;
const QUOTAS: Quotas = { walletBytes: GIB, totalBytes: 64 * GIB, walletRequests: 1_000, totalRequests: 50_000 };
/** Milliseconds without traffic after which a connection is closed. */
const IDLE_MS = 600_000;
/** Milliseconds for the headers of a request and for the handshake of a peer. */
const HEADERS_MS = 10_000;
const SLOW: SlowClientLimits = { graceMs: 30_000, bytesPerSecond: 4096, everyMs: 1_000 };
const MAX_CONNECTIONS = 1_000;
/** Milliseconds to wait for one block of a peer; the queue retries later. */
const PATIENCE_MS = 10_000;
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** @throws PinnerStartError when its folder or one of its ports is in use */
export async function startPinner(options: PinnerOptions): Promise<Pinner> {
  const { folder, host = '127.0.0.1', port, peerPort, headersMs = HEADERS_MS, log } = options;
  const data = new LevelDatastore(join(folder, 'data'));
  try {
    await makeFolder(resolve(folder));
    await data.open();
  } catch (error) {
    throw startError(error, folder);
  }
  const closers: (() => Promise<void>)[] = [() => data.close()];
  const closeAll = async () => {
    for (const close of closers.reverse().splice(0)) await close();
  };
  try {
    const { backend, peerId, addresses } = await openBackend(options, data, host, peerPort, closers);
    const server = createAdaptorServer({
      fetch: (request: Request) => app.fetch(request),
      // Keeps the global Request and Response of this process unchanged.
      overrideGlobalObjects: false,
      // A body's time is bounded by its rate (`slow-clients.ts`).
      serverOptions: { requestTimeout: 0, headersTimeout: headersMs, connectionsCheckingInterval: headersMs / 5 },
    }) as Server;
    server.timeout = IDLE_MS;
    endSlowClients(server, { ...SLOW, ...options.slow });
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    closers.push(async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    });
    const { port: taken } = server.address() as AddressInfo;
    const url = options.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${taken}/`;
    const book = await openPinBook(data, { ...QUOTAS, ...options.quotas }, randomUUID);
    const offers = await openOfferBook(data, options.offers);
    const tokens = await openTokens(data, url);
    const queue = createPinQueue(backend, book, { ...options.queue, log });
    closers.push(() => queue.stop());
    const nowMs = () => Date.now();
    const app = createPinnerApp({ book, queue, backend, offers, tokens, peerId, uri: url, log, nowMs });
    return { url, addresses, peerId, tokens, close: closeAll };
  } catch (error) {
    await closeAll();
    throw startError(error, folder);
  }
}

/** Level by level: Node's own `recursive` never returns for a folder under /proc. */
async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path);
}

function startError(error: unknown, folder: string): unknown {
  const text = `${String(error)} ${String((error as Error).cause)}`;
  if (/EADDRINUSE|EACCES.*(listen|bind)|ListenError|UnsupportedListenAddresses/i.test(text)) {
    return new PinnerStartError('one of its ports is taken', 'Stop what listens there, or name other ports.', error);
  }
  if (/failed to open/i.test(text)) {
    return new PinnerStartError(`another one works in "${folder}"`, 'Stop that one, or name another folder.', error);
  }
  if (/EACCES|EPERM|ENOTDIR|EROFS|ENOENT/.test(text)) {
    return new PinnerStartError(`"${folder}" cannot be written to`, 'Name another folder.', error);
  }
  return error;
}

async function openBackend(
  { folder, backend: kind = { kind: 'helia' }, announce = [], webrtc = false, headersMs = HEADERS_MS }: PinnerOptions,
  data: LevelDatastore,
  host: string,
  peerPort: number,
  closers: (() => Promise<void>)[],
): Promise<{ backend: PinBackend; peerId: string | undefined; addresses: string[] }> {
  if (kind.kind !== 'helia') {
    const backend = kind.kind === 'kubo' ? createKuboBackend(kind) : createClusterBackend(kind);
    return { backend, peerId: undefined, addresses: [] };
  }
  const blocks = new FsBlockstore(join(folder, 'blocks'));
  await blocks.open();
  // The datastore is closed last, by the code that opened it.
  const node = await createIpfsNode({ blocks, data, close: () => blocks.close() });
  const family = host.includes(':') ? 'ip6' : 'ip4';
  const address = host === 'localhost' ? '127.0.0.1' : host;
  const listen = [
    `/${family}/${address}/tcp/${peerPort}/ws`,
    ...(webrtc ? [`/${family}/${address}/udp/${peerPort}/webrtc-direct`] : []),
  ];
  const isLocal = LOOPBACK.includes(host);
  const network = await openNetwork(node, {
    ...{ listen, announce, webrtc, relay: webrtc, patienceMs: PATIENCE_MS },
    shows: (cid) => node.helia.pins.isPinned(cid),
    mayDial: (address) => isLocal || !isPrivateAddress(address),
    webSockets: peerSockets({
      isForbidden: (ip) => !isLocal && isPrivateIp(ip),
      handshakeMs: headersMs,
      maxSockets: MAX_CONNECTIONS,
    }),
  });
  const backend = await createHeliaBackend(node, network);
  closers.push(() => backend.dispose());
  return { backend, peerId: network.id, addresses: network.addresses() };
}
