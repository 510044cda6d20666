// `npm run bench:ipfs`: measures how fast blocks are made, transferred and verified, in Node and in a page, and the code that a
// page loads for IPFS. Prints one JSON object; selected figures go to docs/LOG.md.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FsBlockstore } from 'blockstore-fs';
import { MemoryBlockstore } from 'blockstore-core';
import { MemoryDatastore } from 'datastore-core';
import type { Blockstore } from 'interface-blockstore';
import { chromium } from 'playwright-core';
import { privateKeyToAccount } from 'viem/accounts';
import { build, type Rolldown } from 'vite';
import { addFile } from '#lib/ipfs/add-files.ts';
import { exportCar } from '#lib/ipfs/export-car.ts';
import { fetchDag } from '#lib/ipfs/fetch-dag.ts';
import { createGateway } from '#lib/ipfs/gateway.ts';
import { importCar } from '#lib/ipfs/import-car.ts';
import { openNetwork } from '#lib/ipfs/network.ts';
import { createIpfsNode } from '#lib/ipfs/node.ts';
import { createPinnerClient } from '#lib/ipfs/pinner-client.ts';
import { verifyData } from '#lib/ipfs/verify-data.ts';
import { startPinner } from '../server/pinner/start-pinner.ts';
import type { Lab } from '#tests/pages/ipfs/page.ts';
import { browserArguments } from './house/browser-arguments.ts';
import { readBrowser } from './house/browser.mjs';
import { serveFolder } from './house/static-server.ts';
import { standaloneBuild } from './house/standalone-build.mjs';

const MIB = 1 << 20;
const SIZE = 50 * MIB;
const folder = mkdtempSync(join(tmpdir(), 'bench-ipfs-'));
const megabytes: Record<string, number> = {};

async function timed<T>(name: string, act: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await act();
  megabytes[name] = Math.round(SIZE / (performance.now() - started) / 10) / 100;
  return result;
}
const drain = async (pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => Array.fromAsync(pieces);
const nodeOn = (blocks: Blockstore) =>
  createIpfsNode({ blocks, data: new MemoryDatastore(), close: async () => undefined });
async function filesStore(name: string): Promise<Blockstore> {
  const store = new FsBlockstore(join(folder, name));
  await store.open();
  return store;
}
const content = Uint8Array.from({ length: SIZE }, (_, at) => (at * 2_654_435_761) >>> 24);

for (const kind of ['memory', 'files'] as const) {
  const open = async (name: string) => nodeOn(kind === 'memory' ? new MemoryBlockstore() : await filesStore(name));
  const from = await open('from');
  const root = await timed(`node, ${kind}: add`, () => addFile(from, content));
  const car = await timed(`node, ${kind}: export`, () => drain(exportCar(from, root)));
  const to = await open('to');
  await timed(`node, ${kind}: import`, () => importCar(to, car, { root }));
  await timed(`node, ${kind}: verify`, () => verifyData(to, [root]));
}

const pinner = await startPinner({ folder: join(folder, 'pinner'), port: 0, peerPort: 0, log: console.error });
const { token } = pinner.tokens.issue(privateKeyToAccount(`0x${'a1'.repeat(32)}`).address, Date.now());
{
  const from = await nodeOn(new MemoryBlockstore());
  const root = await addFile(from, content);
  const car = new Blob((await drain(exportCar(from, root))) as BlobPart[]);
  await timed('pinner: upload of a CAR', () => createPinnerClient(pinner.url, fetch, token).upload(car));
  const sources = [createGateway(pinner.url, { fetch })];
  const fresh = () => nodeOn(new MemoryBlockstore());
  await timed('pinner to node: CAR', async () => fetchDag(await fresh(), root, { sources }));
  const raw = sources.map(({ name, block }) => ({ name, block }));
  await timed('pinner to node: raw blocks', async () => fetchDag(await fresh(), root, { sources: raw }));
  const peer = await fresh();
  const network = await openNetwork(peer);
  await network.connect(pinner.addresses[0]!);
  await timed('pinner to node: bitswap', () => fetchDag(peer, root, { sources: [network] }));
  await network.dispose();
}

const built = (await build({
  root: resolve('tests/pages/ipfs'),
  ...standaloneBuild,
  base: './',
  build: { outDir: join(folder, 'page'), target: 'es2022', modulePreload: { polyfill: false } },
})) as Rolldown.RolldownOutput;
const chunks = new Map(
  built.output.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk] as const] : [])),
);
/** A chunk with all its static imports. */
function closure(fileName: string, found = new Set<string>()): Set<string> {
  if (found.has(fileName)) return found;
  found.add(fileName);
  for (const next of chunks.get(fileName)?.imports ?? []) closure(next, found);
  return found;
}
const gzipped = (names: Iterable<string>) =>
  Math.round([...names].reduce((sum, name) => sum + gzipSync(chunks.get(name)!.code, { level: 9 }).length, 0) / 102.4) /
  10;
const [entry] = [...chunks.values()].filter(({ isEntry }) => isEntry);
const first = closure(entry!.fileName);
const network = closure([...chunks.values()].find(({ name }) => name === 'network-node')!.fileName).difference(first);
const rest = new Set(chunks.keys()).difference(first).difference(network);
const kibGzipped = { page: gzipped(first), network: gzipped(network), webrtc: gzipped(rest) };

const server = await serveFolder(join(folder, 'page'));
const browser = await chromium.launch({ executablePath: readBrowser(resolve('.')), args: browserArguments('none') });
const visit = async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.url}index.html`);
  await page.waitForFunction(() => document.title === 'ready');
  return page;
};
type Visit = Awaited<ReturnType<typeof visit>>;
const run = (page: Visit, name: keyof Lab, ...args: unknown[]): Promise<unknown> =>
  page.evaluate(
    async ([name, args]) =>
      (window as unknown as { lab: Record<string, (...of: unknown[]) => unknown> }).lab[name]!(...args),
    [name, args] as const,
  );
const page = await visit();
const root = (await timed('page: add and pin', () => run(page, 'add', SIZE))) as string;
await timed('page: verify', () => run(page, 'verify', root));
await timed('page to pinner: upload of a CAR', () => run(page, 'upload', root, pinner.url, token));
const byHttp = await visit();
await run(byHttp, 'set', { pinners: [pinner.url] });
await timed('pinner to page: CAR', () => run(byHttp, 'fetch', root));
const byPeer = await visit();
await run(byPeer, 'set', { peers: pinner.addresses });
await timed('pinner to page: bitswap, libp2p loaded', () => run(byPeer, 'fetch', root));

await browser.close();
await server.close();
await pinner.close();
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify({ mebibytes: SIZE / MIB, megabytesPerSecond: megabytes, kibGzipped }, null, 2));
