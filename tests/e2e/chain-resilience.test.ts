// Failures around a transaction, in a real browser: two tabs at once, a reload in the middle, the chain's worker killed,
// a full disk. Nothing is lost, nothing happens twice, and the user is informed.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createTestClient, http, parseEther, publicActions, type Address } from 'viem';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { devnet } from '#lib/chain/chains.ts';
import { deployToDevnet } from '../../scripts/house/deploy-to-devnet.ts';
import { startAnvil } from '../support/anvil.ts';
import { launchBrowser, openPage } from './support/browser.ts';
import { serveChain } from './support/test-wallet.ts';
import {
  addressOf,
  balance,
  button,
  drink,
  follow,
  makeWallet,
  openWallet,
  part,
  prepareSending,
} from './support/wallet-page.ts';

const FRIEND = '0x00000000000000000000000000000000000000A1';
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('none');
});
afterAll(() => browser.close());

async function withMoney() {
  const opened = await openPage(browser);
  await openWallet(opened.page, inject('appUrl'));
  await makeWallet(opened.page, 'By this browser');
  await drink(opened.page);
  return opened;
}
async function secondTab(context: BrowserContext) {
  const page = await context.newPage();
  await openWallet(page, inject('appUrl'));
  await balance(page, '1,000 OPEN').waitFor();
  return page;
}
const sign = (page: Page) => button(page, 'Sign').or(button(page, 'Unlock and sign')).click();
const entries = (page: Page, status: string) => part(page, 'Activity').getByText(`· ${status}`);

it('two tabs that pay at the same time each pay once, and both show it', async () => {
  const { page: first, context } = await withMoney();
  const second = await secondTab(context);
  // Both show the request before either signs: the same payment.
  for (const page of [first, second]) {
    await page.bringToFront();
    await prepareSending(page, '10', FRIEND);
    await button(page, 'Send it').click();
    await page.getByRole('dialog').waitFor();
  }
  await Promise.all([sign(first), sign(second)]);
  for (const page of [first, second]) {
    await page.getByText(/Done, in block \d+/).waitFor();
    await balance(page, '980 OPEN').waitFor();
    await expect.poll(() => entries(page, 'Done').count()).toBe(2);
  }
  // A vote made in one tab appears in the other.
  await follow(second, 'Govern');
  await first.bringToFront();
  await follow(first, 'Govern');
  await part(second, 'Your votes').getByText('not delegated yet').waitFor();
  await part(first, 'Your votes').getByRole('button', { name: 'Check it first' }).click();
  await button(first, 'Send it').click();
  await sign(first);
  await part(second, 'Your votes').getByText('you vote with it').waitFor();
});

it('a second tab does not continue a transaction that waits for approval in the first', async () => {
  const { page: first, context } = await withMoney();
  await prepareSending(first, '10', FRIEND);
  await button(first, 'Send it').click();
  await first.getByRole('dialog').waitFor();
  const second = await secondTab(context);
  await entries(second, 'Waiting for your signature').waitFor();
  await first.bringToFront();
  await sign(first);
  await entries(second, 'Done').waitFor();
  await balance(second, '990 OPEN').waitFor();
});

it('a reload during the approval sends nothing', async () => {
  const { page } = await withMoney();
  await prepareSending(page, '10', FRIEND);
  await button(page, 'Send it').click();
  await page.getByRole('dialog').waitFor();
  await page.reload();
  await entries(page, 'Lost on the way; nothing happened').waitFor();
  await balance(page, '1,000 OPEN').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
});

it('after a reload a sent transaction is followed to its end', async () => {
  const anvil = await startAnvil(devnet.id);
  try {
    await deployToDevnet(anvil.url);
    const node = createTestClient({ chain: devnet, transport: http(anvil.url), mode: 'anvil' }).extend(publicActions);
    const { page } = await openPage(browser);
    await serveChain(page, devnet.rpcUrls.default.http[0], anvil.url);
    await openWallet(page, inject('appUrl'));
    await page.getByLabel('Chain', { exact: true }).selectOption('Payable devnet');
    await makeWallet(page, 'By this browser');
    const own = (await addressOf(page)) as Address;
    await node.setBalance({ address: own, value: parseEther('5') });
    await node.setAutomine(false);
    await page.getByRole('radio', { name: 'Ether' }).check();
    await prepareSending(page, '2', FRIEND);
    await button(page, 'Send it').click();
    await sign(page);
    await entries(page, 'On its way').waitFor();
    await page.reload();
    await entries(page, 'On its way').waitFor();
    await node.mine({ blocks: 1 });
    await entries(page, 'Done').waitFor();
    expect(await part(page, 'Activity').getByRole('listitem').count()).toBe(1);
    expect(await node.getTransactionCount({ address: own })).toBe(1);
    expect(await node.getBalance({ address: FRIEND })).toBe(parseEther('2'));
    await page.context().close();
  } finally {
    await anvil.stop();
  }
});

/** Ends the worker that runs the chain without notice, as the system would. */
async function killChain() {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'shared_worker' }] });
  expect(targetInfos.length).toBeGreaterThan(0);
  for (const { targetId } of targetInfos) await session.send('Target.closeTarget', { targetId });
  await session.detach();
}

it('a chain whose worker is killed continues from its stored state', async () => {
  const { page } = await withMoney();
  await prepareSending(page, '10', FRIEND);
  await killChain();
  await button(page, 'Send it').click();
  await page.getByRole('dialog').waitFor();
  await killChain();
  await sign(page);
  await page.getByText(/Done, in block \d+/).waitFor();
  await balance(page, '990 OPEN').waitFor();
  // Killed while sending: the transaction may exist or not, but the page shows the truth.
  await prepareSending(page, '10', FRIEND);
  await button(page, 'Send it').click();
  await page.getByRole('dialog').waitFor();
  await Promise.all([sign(page), killChain()]);
  await page
    .getByText(/Done, in block \d+|stopped before it answered/)
    .first()
    .waitFor();
  await page.reload();
  await balance(page, /^9[89]0 OPEN$/).waitFor();
  // A pending transaction is followed to its end first.
  await expect
    .poll(async () => {
      const paid = await entries(page, 'Done').count();
      return balance(page, `${1000 - 10 * paid} OPEN`).count();
    })
    .toBe(1);
});

const ROOM = 24_000_000;

/**
 * Makes the browser report a small disk from the start, so that no earlier figure is cached; `fill` uses up the rest. Call it
 * before the app is opened.
 */
async function smallDisk(page: Page) {
  // The setting lasts as long as the session.
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(inject('appUrl'));
  const set = (quotaSize: number) => session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
  await set(ROOM);
  return {
    async fill() {
      await set(1);
      // More than its cached figure: the browser checks again.
      const outcome = await page.evaluate(
        (bytes) =>
          new Promise<string>((resolve) => {
            const opening = indexedDB.open('filler', 1);
            opening.onupgradeneeded = () => opening.result.createObjectStore('filler');
            opening.onerror = () => resolve(String(opening.error?.name));
            opening.onsuccess = () => {
              const work = opening.result.transaction('filler', 'readwrite');
              work.objectStore('filler').put('x'.repeat(bytes), 1);
              work.onabort = () => resolve(String(work.error?.name));
              work.oncomplete = () => resolve('kept');
            };
          }),
        ROOM,
      );
      expect(outcome).toBe('QuotaExceededError');
    },
    makeRoom: () => set(1_000_000_000),
  };
}

it('a full disk gives an error, keeps what was stored, and works again when there is space', async () => {
  const { page } = await openPage(browser);
  const disk = await smallDisk(page);
  await openWallet(page, inject('appUrl'));
  await makeWallet(page, 'By this browser');
  await drink(page);
  await disk.fill();
  await balance(page, '1,000 OPEN').waitFor();
  await button(page, 'Get sandbox OPEN and ether').click();
  await page.getByText('There is no room left to keep this block; the transaction was not made.').waitFor();
  await prepareSending(page, '10', FRIEND);
  await button(page, 'Send it').click();
  await page.getByText('This browser has no room left to note what happens on the chain.').first().waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  await balance(page, '1,000 OPEN').waitFor();
  await follow(page, 'Stake');
  await part(page, 'The rules now').getByText('1,000 OPEN').waitFor();

  await disk.makeRoom();
  await follow(page, 'Wallet');
  await balance(page, '1,000 OPEN').waitFor();
  await prepareSending(page, '10', FRIEND);
  await button(page, 'Send it').click();
  await sign(page);
  await balance(page, '990 OPEN').waitFor();
  await expect.poll(() => entries(page, 'Done').count()).toBe(1);
  expect(await part(page, 'Activity').getByRole('listitem').count()).toBe(1);
});

it('with a disk that is full from the start no wallet is created, and the page says so', async () => {
  const { page } = await openPage(browser);
  const disk = await smallDisk(page);
  await openWallet(page, inject('appUrl'));
  await button(page, 'Make the wallet').waitFor();
  await disk.fill();
  await page.getByRole('radio', { name: 'By this browser' }).check();
  await button(page, 'Make the wallet').click();
  await page.getByText('This browser refused to keep or read the wallet.').waitFor();
  await button(page, 'Make the wallet').waitFor();
});
