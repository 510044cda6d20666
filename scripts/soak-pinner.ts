// `npm run soak:pinner`: attacks a pinner on this machine and reports figures; takes about four minutes. Ends with exit code 1
// when a limit did not hold.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import { startPinner } from '../server/pinner/start-pinner.ts';
import * as attacks from './soak/attacks.ts';

const MIB = 1 << 20;
const quotas = { walletBytes: 8 * MIB, totalBytes: 21 * MIB };
const folders: string[] = [];
const faulty: string[] = [];

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'soak-pinner-'));
  folders.push(folder);
  return folder;
}

async function report(name: string, attack: () => Promise<attacks.Outcome>): Promise<void> {
  const { figures, faults } = await attack();
  if (faults.length > 0) faulty.push(name);
  const words = Object.entries(figures).map(([what, figure]) => `${what} ${figure}`);
  console.log(`${faults.length === 0 ? 'held' : 'FAULT'}  ${name}: ${words.join(', ')}`);
  for (const fault of faults) console.log(`       not so: ${fault}`);
}

async function against(host: string, name: string, attack: (target: attacks.Target) => Promise<attacks.Outcome>) {
  const folder = freshFolder();
  const log = () => undefined;
  const pinner = await startPinner({ folder, host, port: 0, peerPort: 0, publicUrl: undefined, quotas, log });
  const url = pinner.url.replace('0.0.0.0', '127.0.0.1');
  try {
    await report(name, () => attack({ pinner: { ...pinner, url }, folder, quotas }));
  } finally {
    await pinner.close();
  }
}

/** A pinner in a separate process. */
async function child(folder: string) {
  const args = ['scripts/soak/run-pinner.ts', folder, attacks.walletOf(0).address];
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const piece of running.stdout) {
    text += String(piece);
    if (text.includes('\n')) break;
  }
  const { url, token } = JSON.parse(text) as { url: string; token: string };
  return { running, url, token };
}

async function killed(): Promise<attacks.Outcome> {
  const folder = freshFolder();
  const first = await child(folder);
  const graph = await attacks.graphOf('killed', 20, 256_000);
  const socket = await attacks.halfUpload(first.url, first.token, graph);
  const arrived = async () => (await attacks.diskBytes(folder)) > 4 * MIB;
  while (!(await arrived())) await new Promise((resolve) => setTimeout(resolve, 50));
  const before = await attacks.diskBytes(folder);
  first.running.kill('SIGKILL');
  await once(first.running, 'exit');
  socket.destroy();
  const second = await child(folder);
  const requests = await createPinnerClient(second.url, fetch, second.token).list();
  const block = await fetch(`${second.url}ipfs/${graph[1]!.cid.toString()}?format=raw`);
  const started = performance.now();
  while ((await attacks.diskBytes(folder)) > 0 && performance.now() - started < 30_000)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const after = await attacks.diskBytes(folder);
  second.running.kill('SIGTERM');
  await once(second.running, 'exit');
  const faults = [
    ...(requests.length > 0 ? ['no request stays'] : []),
    ...(block.status === 404 ? [] : ['what is not pinned is not served']),
    ...(after === 0 ? [] : ['no block stays']),
  ];
  return { figures: { diskBytesBefore: before, diskBytesAfter: after, requests: requests.length }, faults };
}

try {
  await against('127.0.0.1', '24 uploads without an end', attacks.unfinishedUploads);
  await against('127.0.0.1', '12,000 blocks of six bytes', attacks.crumbs);
  await against('127.0.0.1', '20 long If-None-Match', attacks.longEntityTags);
  await against('127.0.0.1', '1,000 half headers', attacks.halfHeaders);
  await against('127.0.0.1', '100 bodies, a byte a second', attacks.drippedBodies);
  await against('127.0.0.1', '12,000 challenges', attacks.challengeFlood);
  await against('0.0.0.0', 'origins on this machine', attacks.privateOrigins);
  await report('a gateway, a byte a second', attacks.drippingGateway);
  await report('killed in the middle of an upload', killed);
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
process.exitCode = faulty.length > 0 ? 1 : 0;
