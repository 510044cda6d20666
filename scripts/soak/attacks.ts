// Attacks on a pinner, each run once and bounded in count and time. An attack returns its figures and the limits that did not hold.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, createServer as createSocketServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { encode } from '@ipld/dag-cbor';
import { privateKeyToAccount } from 'viem/accounts';
import { signInMessage } from '#lib/chain/wallet/sign-in.ts';
import { DAG_CBOR, makeBlock, RAW, type Block } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import type { Pinner } from '../../server/pinner/start-pinner.ts';

export interface Target {
  pinner: Pinner;
  folder: string;
  quotas: { walletBytes: number; totalBytes: number };
}

export interface Outcome {
  figures: Record<string, number>;
  /** Empty when all limits held. */
  faults: string[];
}

const outcome = (figures: Record<string, number>, rules: Record<string, boolean>): Outcome => ({
  figures,
  faults: Object.keys(rules).filter((rule) => !rules[rule]),
});

export const walletOf = (at: number) => privateKeyToAccount(`0x${(at + 1).toString(16).padStart(64, '0')}`);
const secondsSince = (startMs: number): number => Math.round((performance.now() - startMs) / 100) / 10;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One list of leaves whose bytes follow from `name`. */
export async function graphOf(name: string, leaves: number, size: number): Promise<Block[]> {
  const made: Block[] = [];
  for (let at = 0; at < leaves; at++) {
    const seed = createHash('sha512').update(`${name} ${at}`).digest();
    made.push(
      await makeBlock(
        RAW,
        Uint8Array.from({ length: size }, (_, byte) => seed[byte & 63]!),
      ),
    );
  }
  return [await makeBlock(DAG_CBOR, encode(made.map(({ cid }) => cid))), ...made];
}

const bytesOf = async (blocks: Block[]) => Buffer.concat(await Array.fromAsync(writeCar([blocks[0]!.cid], blocks)));

export async function diskBytes(folder: string): Promise<number> {
  const entries = await readdir(join(folder, 'blocks'), { recursive: true, withFileTypes: true });
  let total = 0;
  for (const entry of entries.filter((one) => one.isFile())) {
    const { blocks } = await stat(join(entry.parentPath, entry.name)).catch(() => ({ blocks: 0 }));
    total += blocks * 512;
  }
  return total;
}

/** Sends all of a CAR but its last byte and keeps the connection open. */
export async function halfUpload(url: string, token: string, blocks: Block[]) {
  const car = (await bytesOf(blocks)).subarray(0, -1);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(
    `POST /car HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${car.length + 1}\r\n\r\n`,
  );
  socket.write(car);
  return socket;
}

const tokenOf = ({ pinner }: Target, at: number): string => pinner.tokens.issue(walletOf(at).address, Date.now()).token;

export async function unfinishedUploads(target: Target): Promise<Outcome> {
  const sockets = await Promise.all(
    Array.from({ length: 24 }, async (_, at) =>
      halfUpload(target.pinner.url, tokenOf(target, at), await graphOf(`unfinished ${at}`, 28, 256_000)),
    ),
  );
  let peak = 0;
  for (let at = 0; at < 40; at++) {
    await pause(250);
    peak = Math.max(peak, await diskBytes(target.folder));
  }
  for (const socket of sockets) socket.destroy();
  const started = performance.now();
  while ((await diskBytes(target.folder)) > 0 && secondsSince(started) < 60) await pause(100);
  const left = await diskBytes(target.folder);
  const { totalBytes } = target.quotas;
  return outcome(
    { sentBytes: 24 * 28 * 256_000, quotaBytes: totalBytes, peakDiskBytes: peak, leftBytes: left },
    { 'the disk stays under the quota': peak <= totalBytes, 'nothing stays': left === 0 },
  );
}

export async function crumbs(target: Target): Promise<Outcome> {
  const blocks = await graphOf('crumbs', 12_000, 6);
  const car = await bytesOf(blocks);
  const client = createPinnerClient(target.pinner.url, fetch, tokenOf(target, 0));
  let peak = 0;
  const watching = setInterval(
    () => void diskBytes(target.folder).then((bytes) => (peak = Math.max(peak, bytes))),
    200,
  );
  const error = await client.upload(new Blob([new Uint8Array(car)])).then(
    () => '',
    (refusal: unknown) => String(refusal),
  );
  clearInterval(watching);
  return outcome(
    { carBytes: car.length, quotaBytes: target.quotas.walletBytes, peakDiskBytes: peak },
    {
      'it is refused': error.includes('does not fit'),
      'the disk stays under the quota': peak <= target.quotas.totalBytes,
    },
  );
}

export async function longEntityTags({ pinner }: Target): Promise<Outcome> {
  const { cid } = await makeBlock(RAW, new TextEncoder().encode('anything'));
  const started = performance.now();
  for (let at = 0; at < 20; at++) {
    const headers = { 'if-none-match': `"a"${' '.repeat(14_000)}"b"` };
    await fetch(`${pinner.url}ipfs/${cid.toString()}?format=raw`, { headers });
  }
  const seconds = secondsSince(started);
  return outcome({ requests: 20, seconds }, { 'they cost nothing to speak of': seconds < 2 });
}

export async function halfHeaders({ pinner }: Target): Promise<Outcome> {
  const { hostname, port } = new URL(pinner.url);
  const started = performance.now();
  let open = 0;
  let longest = 0;
  const sockets = Array.from({ length: 1_000 }, () => {
    const socket = connect(Number(port), hostname, () => {
      open++;
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    });
    socket.on('error', () => undefined).resume();
    socket.on('close', () => {
      open--;
      longest = secondsSince(started);
    });
    return socket;
  });
  while (secondsSince(started) < 40 && (open > 0 || secondsSince(started) < 2)) await pause(200);
  for (const socket of sockets) socket.destroy();
  return outcome({ sockets: 1_000, longestSeconds: longest, open }, { 'all are hung up on': open === 0 });
}

export async function drippedBodies(target: Target): Promise<Outcome> {
  const { hostname, port } = new URL(target.pinner.url);
  const started = performance.now();
  let open = 0;
  const sockets = Array.from({ length: 100 }, () => {
    const socket = connect(Number(port), hostname, () => {
      open++;
      const token = tokenOf(target, 0);
      socket.write(`POST /car HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 99999\r\n\r\n`);
    });
    const drops = setInterval(() => socket.write('x'), 1_000);
    socket.on('error', () => undefined).resume();
    socket.on('close', () => {
      open--;
      clearInterval(drops);
    });
    return socket;
  });
  while (secondsSince(started) < 60 && (open > 0 || secondsSince(started) < 2)) await pause(200);
  const seconds = secondsSince(started);
  for (const socket of sockets) socket.destroy();
  return outcome({ sockets: 100, seconds, open }, { 'all are hung up on': open === 0 });
}

export async function challengeFlood({ pinner }: Target): Promise<Outcome> {
  const page = { domain: 'payable.test', chainId: 10 };
  const ask = async () => {
    const response = await fetch(`${pinner.url}auth/challenge`, { method: 'POST', body: JSON.stringify(page) });
    return ((await response.json()) as { nonce: string }).nonce;
  };
  const nonce = await ask();
  const started = performance.now();
  for (let at = 0; at < 12_000; at += 100) await Promise.all(Array.from({ length: 100 }, ask));
  const seconds = secondsSince(started);
  const account = walletOf(0);
  const terms = { ...page, address: account.address, uri: pinner.url, nonce, nowMs: Date.now() };
  const message = signInMessage(terms);
  const signature = await account.signMessage({ message });
  const answer = await fetch(`${pinner.url}auth/token`, {
    method: 'POST',
    body: JSON.stringify({ message, signature }),
  });
  return outcome({ questions: 12_000, seconds, status: answer.status }, { 'the first is still good': answer.ok });
}

/** `pinner` must listen on more than this machine: only then are private addresses forbidden. */
export async function privateOrigins(target: Target): Promise<Outcome> {
  let knocks = 0;
  const server = createSocketServer((socket) => {
    knocks++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hosts = ['ip4/127.0.0.1', 'dns4/localhost', 'dns/localhost.', 'dns4/127.1', 'dns4/0x7f.1', 'dns4/2130706433'];
  hosts.push('dns4/①②⑦.⓪.⓪.①', 'ip6/::1', 'ip6/::ffff:127.0.0.1', 'dns4/017700000001');
  const client = createPinnerClient(target.pinner.url, fetch, tokenOf(target, 0));
  const origins = hosts.map((host) => `/${host}/tcp/${port}/ws`);
  const { cid } = await makeBlock(RAW, new TextEncoder().encode('of a stranger'));
  const { requestId } = await client.pin(cid, { origins });
  await pause(5_000);
  await client.remove(requestId);
  await new Promise((resolve) => server.close(resolve));
  return outcome({ origins: origins.length, knocks }, { 'none is knocked at': knocks === 0 });
}

export async function drippingGateway(): Promise<Outcome> {
  const server = createServer((_request, response) => {
    const drops = setInterval(() => response.write('x'), 1_000);
    response.on('close', () => clearInterval(drops));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { cid } = await makeBlock(RAW, new TextEncoder().encode('never comes'));
  const started = performance.now();
  const words = await createGateway(`http://127.0.0.1:${port}`, { fetch })
    .block(cid)
    .then(
      () => 'it came',
      (error: unknown) => String(error),
    );
  const seconds = secondsSince(started);
  server.closeAllConnections();
  server.close();
  return outcome({ seconds }, { 'it is given up': words.includes('it sent less than') && seconds < 60 });
}
