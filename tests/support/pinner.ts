// Whole pinners on this machine for tests, and wallets that talk to them. All of it ends with the test.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Configuration, RemotePinningServiceClient } from '@ipfs-shipyard/pinning-service-client';
import type { CID } from 'multiformats/cid';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, expect, vi } from 'vitest';
import type { Block } from '#lib/formats/block/block.ts';
import { writeCar } from '#lib/formats/block/car.ts';
import { addFolder } from '#lib/ipfs/add-files.ts';
import { openNetwork } from '#lib/ipfs/network.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import { startPinner, type Pinner, type PinnerOptions } from '../../server/pinner/start-pinner.ts';
import { bytesOf, memoryNode, seededBytes, text } from './ipfs-node.ts';

export const alice = privateKeyToAccount(`0x${'a1'.repeat(32)}`);
export const bob = privateKeyToAccount(`0x${'b0'.repeat(32)}`);
export const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.reverse().splice(0)) await close();
});

async function freshFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'pinner-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function start(options: Partial<PinnerOptions> = {}) {
  const logged: string[] = [];
  const folder = options.folder ?? (await freshFolder());
  const pinner = await startPinner({
    port: 0,
    peerPort: 0,
    queue: { pauseMs: 20, giveUpMs: 60_000 },
    log: (line) => logged.push(line),
    ...options,
    folder,
  });
  closers.push(() => pinner.close());
  return { pinner, folder, logged };
}

export const tokenOf = (pinner: Pinner, account = alice) => pinner.tokens.issue(account.address, Date.now()).token;
export const clientOf = (pinner: Pinner, account = alice) =>
  createPinnerClient(pinner.url, fetch, tokenOf(pinner, account));
/** A client that another project maintains. */
export const publicClient = (pinner: Pinner, account = alice) =>
  new RemotePinningServiceClient(
    new Configuration({ endpointUrl: pinner.url.replace(/\/$/, ''), accessToken: tokenOf(pinner, account) }),
  );
export const blobOf = async (car: AsyncIterable<Uint8Array>) => new Blob([(await bytesOf(car)) as BlobPart]);
export const carOf = (roots: CID[], blocks: Block[]) => blobOf(writeCar(roots, blocks));
export const filesIn = async (folder: string) =>
  (await readdir(join(folder, 'blocks'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

/** A node with content, connected to the pinner. */
export async function contributor(pinner: Pinner) {
  const node = await memoryNode();
  const root = await addFolder(node, [
    { path: 'rows.jsonl', content: [...seededBytes(2_200_000, 'rows')] },
    { path: 'readme.md', content: text('# rows') },
  ]);
  const network = await openNetwork(node);
  closers.push(() => network.dispose());
  await network.connect(pinner.addresses[0]!);
  return { node, root, network };
}

export async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  return vi.waitFor(
    async () => {
      const answer = await ask();
      expect(answer).toSatisfy(done);
      return answer;
    },
    { timeout: 20_000, interval: 25 },
  );
}
