// IPFS in a real page with a real pinner: data uploaded by one browser is fetched by another over HTTP or from peers,
// and is read again offline.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { privateKeyToAccount } from 'viem/accounts';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveFolder } from '../../scripts/house/static-server.ts';
import { startPinner, type Pinner } from '../../server/pinner/start-pinner.ts';
import { launchBrowser } from './support/browser.ts';
import type { Lab } from '#tests/pages/ipfs/page.ts';

const SIZE = 3_300_000;
const folder = mkdtempSync(join(tmpdir(), 'payable-ipfs-'));
const alice = privateKeyToAccount(`0x${'a1'.repeat(32)}`);
let browser: Browser;
let server: Awaited<ReturnType<typeof serveFolder>>;
let pinner: Pinner;
const logged: string[] = [];

const startAgain = (ports = { port: 0, peerPort: 0 }) =>
  startPinner({ folder: join(folder, 'pinner'), webrtc: true, ...ports, log: (line) => void logged.push(line) });

beforeAll(async () => {
  await build({
    root: resolve('tests/pages/ipfs'),
    configFile: false,
    logLevel: 'error',
    base: './',
    build: { outDir: join(folder, 'page'), emptyOutDir: true, target: 'es2022' },
  });
  server = await serveFolder(join(folder, 'page'));
  pinner = await startAgain();
  browser = await launchBrowser('none');
});
afterAll(async () => {
  await browser.close();
  await pinner.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
  expect(logged).toEqual([]);
});

/** A separate browser; only the pinner is shared. */
async function visitor() {
  const context = await browser.newContext();
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  const open = async () => {
    const page = await context.newPage();
    await page.goto(`${server.url}index.html`);
    await page.waitForFunction(() => document.title === 'ready');
    return page;
  };
  return { context, open, asked, page: await open() };
}

const inPage = <Name extends keyof Lab>(
  page: Page,
  name: Name,
  ...args: Parameters<Lab[Name]>
): Promise<Awaited<ReturnType<Lab[Name]>>> =>
  page.evaluate(
    async ([name, args]) => {
      const lab = (window as unknown as { lab: Record<string, (...of: unknown[]) => unknown> }).lab;
      return lab[name]!(...args);
    },
    [name, args] as const,
  ) as Promise<Awaited<ReturnType<Lab[Name]>>>;

async function contributed(): Promise<string> {
  const { page, context } = await visitor();
  const root = await inPage(page, 'add', SIZE);
  const { token } = pinner.tokens.issue(alice.address, Date.now());
  expect(await inPage(page, 'upload', root, pinner.url, token)).toBe('pinned');
  await context.close();
  return root;
}

it('a dataset uploaded before its tab closed is fetched by another browser over HTTP, and readable offline', async () => {
  const root = await contributed();
  const { page, context, asked } = await visitor();
  await expect(inPage(page, 'fetch', root)).rejects.toThrow('is not on this device');
  await inPage(page, 'set', { pinners: [pinner.url] });
  await inPage(page, 'fetch', root);
  expect(asked.filter((url) => url.includes('/ipfs/'))).toEqual([`${pinner.url}ipfs/${root}?format=car`]);
  // Fetching over HTTP alone loads no libp2p.
  expect(asked.filter((url) => url.includes('network-node'))).toEqual([]);
  await context.setOffline(true);
  expect(await inPage(page, 'read', root, 'rows.jsonl')).toBe(SIZE);
  expect(await inPage(page, 'verify', root)).toMatchObject({ blocks: 7, missing: 0, damaged: 0 });
  await inPage(page, 'fetch', root);
  await context.close();
});

it('fetches from a peer over WebSocket, in a second tab through the first, and has all of it after a reload', async () => {
  const root = await contributed();
  const other = await contributed();
  const { page, open, context, asked } = await visitor();
  const peers = { peers: pinner.addresses.filter((address) => address.includes('/ws/')) };
  await inPage(page, 'set', peers);
  await inPage(page, 'fetch', root);
  expect(asked.filter((url) => url.includes('/ipfs/'))).toEqual([]);
  expect(await inPage(page, 'leads')).toBe(true);

  const second = await open();
  await inPage(second, 'set', peers);
  await inPage(second, 'fetch', other);
  expect(await inPage(second, 'leads')).toBe(false);
  expect(await inPage(second, 'read', other, 'rows.jsonl')).toBe(SIZE);
  await page.close();
  await second.waitForFunction(() => (window as unknown as { lab: Lab }).lab.leads());

  await second.reload();
  await second.waitForFunction(() => document.title === 'ready');
  await context.setOffline(true);
  for (const cid of [root, other]) expect(await inPage(second, 'read', cid, 'rows.jsonl')).toBe(SIZE);
  await context.close();
});

it('fetches over WebRTC when its user turned that on', async () => {
  const root = await contributed();
  const { page, context, asked } = await visitor();
  const peers = [pinner.addresses.find((address) => address.includes('/webrtc-direct/'))!];
  await inPage(page, 'set', { peers });
  await expect(inPage(page, 'fetch', root)).rejects.toThrow('none is connected');
  await page.reload();
  await page.waitForFunction(() => document.title === 'ready');
  await inPage(page, 'set', { peers, webrtc: true });
  await inPage(page, 'fetch', root);
  expect(asked.filter((url) => url.includes('/ipfs/'))).toEqual([]);
  expect(await inPage(page, 'read', root, 'rows.jsonl')).toBe(SIZE);
  await context.close();
});

it('resumes an upload after the pinner was unreachable', async () => {
  const root = await contributed();
  const { page, context } = await visitor();
  await inPage(page, 'set', { pinners: [pinner.url] });
  const { port } = new URL(pinner.url);
  expect(await inPage(page, 'copies', root, pinner.url)).toEqual(['missing', 'kept']);
  await pinner.close();
  await expect(inPage(page, 'fetch', root)).rejects.toThrow('cannot be reached');
  // The browser's cache does not answer for it either.
  expect(await inPage(page, 'copies', root, pinner.url)).toEqual(['missing', 'unknown']);
  pinner = await startAgain({ port: Number(port), peerPort: 0 });
  await inPage(page, 'fetch', root);
  expect(await inPage(page, 'read', root, 'readme.md')).toBe(6);
  await context.close();
});

it('keeps nothing of a dataset that does not fit, and says so', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  // Before the page is opened: browsers cache the quota for a while.
  const { origin } = new URL(server.url);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 8_000_000 });
  await page.goto(`${server.url}index.html`);
  await page.waitForFunction(() => document.title === 'ready');
  const root = await inPage(page, 'add', 1_000_000);
  const before = await inPage(page, 'blocks');
  await expect(inPage(page, 'add', 40_000_000)).rejects.toThrow('no room left');
  expect(await inPage(page, 'blocks')).toBe(before);
  expect(await inPage(page, 'pins')).toEqual([root]);
  expect(await inPage(page, 'cleanUp')).toBe(0);
  expect(await inPage(page, 'verify', root)).toMatchObject({ missing: 0, damaged: 0 });
  await context.close();
});
