// A model of the hub in a real browser, from a hub on this machine: chosen, checked, downloaded, paused, resumed, loaded, and used with
// the hub gone. The served model is the demo's own base under another name.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { COMMIT, serveHub, type HubServer } from '../support/hub-server.ts';
import { addFile } from '#lib/ipfs/add-files.ts';
import { serveBlocks, type BlockGateway } from '../support/block-gateway.ts';
import { memoryNode } from '../support/ipfs-node.ts';
import { launchBrowser, openPage, withWorker } from './support/browser.ts';
import { ask, openChat, waitUntilReady } from './support/chat-page.ts';
import { expectGoodLooks } from './support/looks.ts';

const REPO = 'HuggingFaceTB/SmolLM2-135M-Instruct';
const TOKEN = 'hf_of_the_test';
const tiny = new Uint8Array(readFileSync('tests/fixtures/formats/qwen3-q.gguf'));
const filesIn = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))] as const),
  );

let browser: Browser;
let hub: HubServer;
/** Gives out the blocks of a GGUF file, whose content id is `cid`. */
let gateway: BlockGateway;
let cid: string;
let page: Page;
/** Requests of the page and its workers since the last visit began, without the app's own files. */
let requests: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  hub = await serveHub({
    [REPO]: { files: filesIn(resolve('static/models/nano/base')) },
    'owner/ggufs': { files: { 'Tiny-Q4_K_M.gguf': new TextEncoder().encode('GGUF'), 'Tiny-Q8_0.gguf': tiny } },
    'owner/medical': { files: filesIn(resolve('static/models/nano/adapters/medical')), gate: TOKEN },
  });
  const node = await memoryNode();
  cid = String(await addFile(node, tiny));
  gateway = await serveBlocks(node);
  browser = await launchBrowser('software');
  const opened = await openPage(browser, withWorker);
  ({ page } = opened);
  page.on('pageerror', ({ message }) => complaints.push(message));
  opened.context.on('request', (request) => requests.push(request.url()));
  await page.addInitScript(
    (endpoint) => {
      localStorage.setItem('payable:hub', JSON.stringify({ endpoint, token: '' }));
      // As if it had been measured before, so that the proposal does not depend on how busy this machine is.
      const bytesPerSecond = { f16: 1e9, q8: 1e9, q4: 1e9 };
      localStorage.setItem(
        'payable:speed',
        JSON.stringify({ gpu: 'google swiftshader ', bytesPerSecond, dispatchSeconds: 5e-5 }),
      );
    },
    hub.endpoint.replace('localhost', '127.0.0.1'),
  );
  await openChat(page, inject('appUrl'));
});
afterAll(async () => {
  await browser.close();
  await gateway.close();
  await hub.close();
});

const openChooser = () => page.getByRole('button', { name: 'Change', exact: true }).click();
const sheet = () => page.getByRole('dialog');
const row = (repo: string) => sheet().getByRole('article', { name: repo });
const rangesOfWeights = () => hub.requests.filter(({ server }) => server === 'cdn').map(({ range }) => range);

it('proposes a model for this device on the first screen, with its size and speed', async () => {
  const offer = page.getByRole('region', { name: 'A real model for this device' });
  await offer.waitFor();
  expect(await offer.innerText()).toContain(REPO);
  expect(await offer.innerText()).toMatch(/269 MB to download.*about 10 tokens a second as q4/s);
  await expectGoodLooks(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await offer.getByRole('button', { name: 'Other models' }).click();
});

it('finds a model in the catalogue and says whether it runs here', async () => {
  await sheet().getByLabel('Search, or type').fill('smollm2 apache');
  await sheet()
    .getByRole('button', { name: new RegExp(REPO) })
    .click();
  await sheet().getByText('It should run here').waitFor();
  const formats = sheet().getByRole('group', { name: 'GPU memory' });
  expect(await formats.getByRole('radio', { checked: true, name: /^f16/ }).count()).toBe(1);
  expect(await formats.innerText()).toMatch(/f16\s+\d+\.?\d* MB\s+(fits|should fit)/);
  await expectGoodLooks(page);
  await page.setViewportSize({ width: 1280, height: 800 });
});

it('downloads it while the demo stays in use, goes on by itself after a reload, and waits once it is paused', async () => {
  // Two ranges of weights are requested; only the first is answered.
  hub.requests.length = 0;
  hub.faults.answersBeforeHold = 1;
  await sheet()
    .getByRole('button', { name: /^Download \d/ })
    .click();
  await expect.poll(() => row(REPO).getByRole('progressbar').getAttribute('value').then(Number)).toBeGreaterThan(1e6);
  expect(rangesOfWeights()).toHaveLength(2);
  const [, second] = rangesOfWeights();
  expect(await page.getByPlaceholder('Ask something').count()).toBe(1);

  // Cut off by the end of the page, it goes on by itself, with what was not stored.
  hub.requests.length = 0;
  await page.reload();
  await openChooser();
  await expect.poll(rangesOfWeights).toEqual([second]);
  await row(REPO).getByRole('button', { name: 'Pause' }).click();
  await row(REPO).getByText('paused').waitFor();
  hub.release();
  hub.requests.length = 0;

  await page.reload();
  await waitUntilReady(page);
  await openChooser();
  await row(REPO).getByText('paused').waitFor();
  await row(REPO).getByRole('button', { name: 'Resume' }).click();
  await row(REPO).getByRole('button', { name: 'Load' }).waitFor();
  expect(rangesOfWeights()).toEqual([second]);
});

it('downloads one of the GGUF files of a repository, and loads it', async () => {
  await sheet().getByLabel('Search, or type').fill('owner/ggufs');
  await page.keyboard.press('Enter');
  // The usual choice is tried first; this one is broken.
  await sheet().getByText('owner/ggufs:Q4_K_M').waitFor();
  await sheet().getByRole('alert').waitFor();
  await sheet().getByLabel('File of the weights').selectOption('Q8_0');
  await sheet().getByText('It should run here').waitFor();
  await expectGoodLooks(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await sheet()
    .getByRole('button', { name: /^Download \d/ })
    .click();
  await row('owner/ggufs:Q8_0').getByRole('button', { name: 'Load' }).click();
  await page.getByRole('heading', { name: 'owner/ggufs:Q8_0', exact: true }).waitFor({ timeout: 30_000 });
  await waitUntilReady(page);
  await openChooser();
});

it('downloads a file from an address and a model from IPFS by its content id, and refuses an address that is not encrypted', async () => {
  const look = async (text: string) => {
    await sheet().getByLabel('Search, or type').fill(text);
    await page.keyboard.press('Enter');
  };
  await look('http://example.org/model.gguf');
  await sheet().getByText('An address begins with https://').waitFor();
  await sheet().getByRole('button', { name: 'Back to the list' }).click();
  const endpoint = hub.endpoint.replace('localhost', '127.0.0.1');
  const address = new URL(`owner/ggufs/resolve/${COMMIT}/Tiny-Q8_0.gguf`, endpoint).href;
  for (const [name, title] of [
    [address, 'Tiny-Q8_0.gguf'],
    [`ipfs:${cid}`, /^ipfs:bafk/],
  ] as const) {
    await look(name);
    if (name !== address) {
      await sheet().getByText('No gateway or pinner is named').waitFor();
      await sheet().getByLabel('Gateways').fill(gateway.url);
      await sheet().getByRole('button', { name: 'Use', exact: true }).click();
    }
    await sheet().getByText('It should run here').waitFor();
    if (name !== address) await expectGoodLooks(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    await sheet()
      .getByRole('button', { name: /^Download \d/ })
      .click();
    await row(name).getByRole('button', { name: 'Load' }).click();
    await page.getByRole('heading', { name: title, exact: true }).waitFor({ timeout: 30_000 });
    await waitUntilReady(page);
    await openChooser();
  }
});

it('loads it, and an adapter that is typed and gated', async () => {
  await row(REPO).getByRole('button', { name: 'Load' }).click();
  await page.getByRole('heading', { name: REPO, exact: true }).waitFor({ timeout: 30_000 });
  await waitUntilReady(page);
  await openChooser();
  await sheet().getByLabel('Search, or type').fill('owner/medical');
  await page.keyboard.press('Enter');
  await sheet()
    .getByRole('button', { name: /^Download \d/ })
    .click();
  // Its files are refused without a token.
  await row('owner/medical').getByText('accepted its licence').first().waitFor();
  await sheet().getByLabel('Read token').fill(TOKEN);
  await sheet().getByRole('button', { name: 'Keep', exact: true }).click();
  await row('owner/medical').getByRole('button', { name: 'Try again' }).click();
  await row('owner/medical').getByRole('button', { name: 'Load' }).click();
  await page.getByRole('radio', { name: 'owner/medical' }).waitFor({ state: 'attached', timeout: 30_000 });
  expect(hub.requests.filter(({ server, authorization }) => server === 'cdn' && authorization)).toEqual([]);
});

it('lists them with their sizes and what the browser says, and saves and deletes them', async () => {
  await page.getByRole('link', { name: 'Models kept on this device' }).click();
  await page.getByRole('heading', { name: 'Models on this device' }).waitFor();
  const model = page.getByRole('article', { name: REPO });
  expect(await model.innerText()).toMatch(/10\.0 MB · in use/);
  expect(await page.locator('dl').innerText()).toMatch(/adapters\s+10\.8 MB/);
  await page.evaluate(() => Reflect.deleteProperty(window, 'showDirectoryPicker'));
  const saved = page.waitForEvent('download');
  await page.getByRole('article', { name: 'owner/medical' }).getByRole('button', { name: 'Save its files' }).click();
  expect((await saved).suggestedFilename()).toMatch(/^adapter_/);
  await page.getByText('were handed to the browser').waitFor();
  await page.getByRole('button', { name: 'Delete the files of Nano' }).click();
  await page.getByRole('button', { name: 'Delete them' }).click();
  await page.getByText('The files of Nano were deleted.').waitFor();
  await expectGoodLooks(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('link', { name: '← Chat' }).click();
  await waitUntilReady(page);
});

it('opens both on the next visit and answers, with the hub gone and without a request for them', async () => {
  await hub.close();
  requests = [];
  await page.reload();
  await page.getByRole('heading', { name: REPO, exact: true }).waitFor({ timeout: 30_000 });
  await waitUntilReady(page);
  await page.getByRole('radio', { name: 'owner/medical' }).check({ force: true });
  expect((await ask(page, 'What do you know?')).length).toBeGreaterThan(0);
  const app = new URL(inject('appUrl')).origin;
  expect(requests.filter((url) => /^http/.test(url) && !url.startsWith(app))).toEqual([]);
  expect(requests.filter((url) => url.includes('/models/'))).toEqual([]);
  expect(complaints).toEqual([]);
});
