// What may go wrong around the chat, and how a reader gets on: an engine that is killed, a load that is stopped, files that are
// damaged, a newer version. And folders that are dropped, real ones, by the browser's own drag and drop.

import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { serveFolder } from '../../scripts/house/static-server.ts';
import { expectNoComplaints, launchBrowser, openPage, withWorker } from './support/browser.ts';
import { answerDone, ask, openChat, waitUntilReady } from './support/chat-page.ts';
import { goTo } from './support/go-to.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('software');
});
afterAll(() => browser.close());

it('an engine that is killed is missed at once, in words, and started again on request', async () => {
  const opened = await openPage(browser);
  const { page } = opened;
  await openChat(page, inject('appUrl'));
  await page.getByLabel('Your question').fill('Tell me everything you know, one thing after the other.');
  await page.keyboard.press('Enter');
  await page.locator('article[aria-busy=true] .text').waitFor();
  // The page is not told: this is how a worker looks that the system ended.
  for (const worker of page.workers()) await worker.evaluate(() => self.close()).catch(() => undefined);
  await page.getByText('The engine stopped: its worker ended').first().waitFor();
  expect(await page.locator('article[aria-busy=true]').count()).toBe(0);
  await page.locator('.foot').getByRole('button', { name: 'Try again' }).click();
  await page.getByPlaceholder('Ask something').waitFor({ timeout: 60_000 });
  expect((await ask(page, 'Hello')).length).toBeGreaterThan(0);
  expectNoComplaints(opened);
});

it('a load that is stopped goes on with the files that are missing', async () => {
  const { page } = await openPage(browser);
  const asked: string[] = [];
  let hold = true;
  const held = page.waitForRequest(/\/models\/nano\/.*\.safetensors$/);
  await page.route('**/models/nano/**', async (route) => {
    const path = new URL(route.request().url()).pathname;
    asked.push(path);
    // Held for ever: the reader stops the load while this file is on its way.
    if (!(hold && path.endsWith('.safetensors'))) await route.continue();
  });
  await goTo(page, inject('appUrl'), 'chat');
  await held;
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Loading was stopped.').waitFor();
  const first = asked.filter((path) => !path.endsWith('index.json'));
  expect(first.filter((path) => path.endsWith('.safetensors'))).toHaveLength(1);
  hold = false;
  asked.length = 0;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByPlaceholder('Ask something').waitFor({ timeout: 60_000 });
  const complete = first.filter((path) => !path.endsWith('.safetensors'));
  for (const path of complete) expect(asked).not.toContain(path);
  expect((await ask(page, 'Hello')).length).toBeGreaterThan(0);
});

describe('files kept on this device', () => {
  const inStorage = (page: Page, change: 'damage' | 'leave-an-old-one') =>
    page.evaluate(async (change) => {
      const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
      const folder = await models.getDirectoryHandle('nano');
      const names = await Array.fromAsync(folder.keys());
      const name = change === 'damage' ? names[0]! : `${'0'.repeat(64)}.bin`;
      const handle = await folder.getFileHandle(name, { create: true });
      const size = (await handle.getFile()).size;
      const writable = await handle.createWritable();
      await writable.write(new Uint8Array(size));
      await writable.close();
      return names.length;
    }, change);
  const namesIn = (page: Page) =>
    page.evaluate(async () => {
      const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
      return Array.fromAsync((await models.getDirectoryHandle('nano')).keys());
    });

  it('are checked on request; damaged ones are named, removed and fetched again, superseded ones go', async () => {
    const opened = await openPage(browser, withWorker);
    const { page } = opened;
    await openChat(page, inject('appUrl'));
    const panel = page.getByRole('complementary', { name: 'Instrument' });
    await panel.getByRole('button', { name: 'Check the files' }).click();
    await panel.getByText(/^All \d+ files are as they were published\.$/).waitFor();
    const count = await inStorage(page, 'damage');
    await inStorage(page, 'leave-an-old-one');
    await panel.getByRole('button', { name: 'Check the files' }).click();
    await panel.getByText(/^Damaged and removed: /).waitFor();
    await page.reload();
    await waitUntilReady(page);
    await panel.getByRole('button', { name: 'Check the files' }).click();
    await panel.getByText(/^All \d+ files are as they were published\.$/).waitFor();
    const names = await namesIn(page);
    expect(names).toHaveLength(count);
    expect(names).not.toContain(`${'0'.repeat(64)}.bin`);
    expectNoComplaints(opened);
  });
});

it('folders of a model and of an adapter can be dropped on the page', async () => {
  const opened = await openPage(browser, withWorker);
  const { page, context } = opened;
  await openChat(page, inject('appUrl'));
  const session = await context.newCDPSession(page);
  const drop = async (folder: string) => {
    const data = { items: [], files: [resolve(folder)], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data });
    }
    await page.locator('.page.dropping').waitFor();
    await session.send('Input.dispatchDragEvent', { type: 'drop', x: 500, y: 300, data });
  };
  await drop('static/models/nano/base');
  await page.getByRole('heading', { name: 'base', exact: true }).waitFor({ timeout: 30_000 });
  await waitUntilReady(page);
  await drop('static/models/nano/adapters/medical');
  await page.getByRole('radio', { name: 'medical' }).waitFor({ state: 'attached', timeout: 30_000 });
  expect(await page.getByRole('radio', { name: 'medical' }).isChecked()).toBe(true);
  expect((await ask(page, 'Hello')).length).toBeGreaterThan(0);
  expect(await page.locator('.page.dropping').count()).toBe(0);
  expectNoComplaints(opened);
});

it('a newer version is offered when it is ready, and taken when the reader says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'payable-'));
  await cp(resolve('build'), folder, { recursive: true });
  const served = await serveFolder(folder);
  const opened = await openPage(browser, withWorker);
  const { page } = opened;
  await openChat(page, served.url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const offer = page.getByText('A newer version of Payable is ready.');
  expect(await offer.count()).toBe(0);
  await appendFile(join(folder, 'service-worker.js'), '\n// another version\n');
  await page.reload();
  await offer.waitFor();
  await page.getByRole('button', { name: 'Later' }).click();
  await offer.waitFor({ state: 'detached' });
  await page.reload();
  await offer.waitFor();
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Reload with it' }).click()]);
  await waitUntilReady(page);
  expect(await offer.count()).toBe(0);
  await page.getByLabel('Your question').fill('Hello');
  await page.keyboard.press('Enter');
  await answerDone(page, 1);
  await served.close();
  await rm(folder, { recursive: true });
});
