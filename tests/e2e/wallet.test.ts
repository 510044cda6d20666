// The wallet in the built app, on the sandbox chain: created with and without a passkey, filled, used, locked, backed up and
// restored elsewhere; another wallet beside it; the rules of accessibility in every state.

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectNoComplaints, launchBrowser, openPage } from './support/browser.ts';
import { goTo } from './support/go-to.ts';
import { expectGoodLooks } from './support/looks.ts';
import {
  addressOf,
  balance,
  button,
  drink,
  makeWallet,
  openWallet,
  prepareSending,
  words,
} from './support/wallet-page.ts';

const FRIEND = '0x00000000000000000000000000000000000000A1';
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser('none');
});
afterAll(() => browser.close());

async function freshWallet(options: BrowserContextOptions = {}) {
  const opened = await openPage(browser, options);
  await openWallet(opened.page, inject('appUrl'));
  await button(opened.page, 'Make the wallet').waitFor();
  return opened;
}

async function addPasskeys(page: Page, hasPrf: boolean) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
  } as const;
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, hasPrf, isUserVerified: true, automaticPresenceSimulation: true },
  });
}

describe('a wallet kept by the browser', () => {
  it('is created, filled, used, reopened after a reload, and restored elsewhere from its words', async () => {
    const opened = await freshWallet();
    const { page } = opened;
    await makeWallet(page, 'By this browser');
    const address = await addressOf(page);
    await page.getByText('You have not backed up yet').waitFor();
    await drink(page);

    await prepareSending(page, '12.5', FRIEND);
    await page.getByText(`You pay 12.5 OPEN to ${FRIEND}.`).waitFor();
    await button(page, 'Send it').click();
    await page.getByRole('dialog').getByText('Pay 12.5 OPEN to 0x0000…00A1.').waitFor();
    await page.getByRole('dialog').getByText(FRIEND).waitFor();
    await button(page, 'Sign').click();
    await balance(page, '987.5 OPEN').waitFor();
    await page.getByText(/Done, in block \d+/).waitFor();

    await page.reload();
    await balance(page, '987.5 OPEN').waitFor();
    expect(await addressOf(page)).toBe(address);
    await page.getByText('Locked', { exact: true }).waitFor();
    await button(page, 'Unlock').click();
    await page.getByText('Unlocked', { exact: true }).waitFor();
    const activity = page.getByRole('region', { name: 'Activity' });
    expect(await activity.getByText(`You pay 12.5 OPEN to ${FRIEND}.`).count()).toBe(1);

    const phrase = await words(page);
    expect(phrase).toHaveLength(12);
    await button(page, 'I have written them down').click();
    await page.getByText('Backed up on').waitFor();

    const elsewhere = await freshWallet();
    await button(elsewhere.page, 'I have twelve words').click();
    await elsewhere.page.getByLabel('The twelve words').fill(phrase.with(3, 'zebro').join(' '));
    await elsewhere.page.getByRole('radio', { name: 'By this browser' }).check();
    await button(elsewhere.page, 'Restore the wallet').click();
    await elsewhere.page.getByText('Word 4, “zebro”, is not one of the 2,048 words.').waitFor();
    await elsewhere.page.getByLabel('The twelve words').fill(phrase.join(' '));
    await button(elsewhere.page, 'Restore the wallet').click();
    await elsewhere.page.getByRole('heading', { name: 'This device' }).waitFor();
    expect(await addressOf(elsewhere.page)).toBe(address);
    expectNoComplaints(opened);
    expectNoComplaints(elsewhere);
  });

  it('signs nothing when the user declines, and says why when signing fails', async () => {
    const { page } = await freshWallet();
    await makeWallet(page, 'By this browser');
    await drink(page);
    await prepareSending(page, '1', FRIEND);
    await button(page, 'Send it').click();
    await page.getByRole('dialog').waitFor();
    await button(page, 'Decline').click();
    await page.getByText('You declined to sign, so nothing was sent').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.getByLabel('Amount').fill('5000');
    await button(page, 'Check it first').click();
    await page.getByText('This would fail').waitFor();
    await page.getByLabel('Amount').fill('a few');
    await button(page, 'Check it first').click();
    await page.getByText('“a few” is not an amount.').waitFor();
    await balance(page, '1,000 OPEN').waitFor();
  });

  it('is forgotten only after confirmation', async () => {
    const { page } = await freshWallet();
    await makeWallet(page, 'By this browser');
    await button(page, 'Forget this wallet').click();
    await page.getByText('You have no backup. Everything').waitFor();
    await button(page, 'Cancel').click();
    await page.getByRole('heading', { name: 'This device' }).waitFor();
    await button(page, 'Forget this wallet').click();
    await button(page, 'Forget it').click();
    await button(page, 'Make the wallet').waitFor();
  });
});

describe('a wallet kept by a passkey', () => {
  it('is opened by it after a reload, before signing and before its words are shown', async () => {
    const opened = await openPage(browser);
    const { page } = opened;
    await addPasskeys(page, true);
    await openWallet(page, inject('appUrl'));
    await makeWallet(page, 'By a passkey');
    const address = await addressOf(page);
    await drink(page);
    await page.reload();
    await page.getByText('Locked', { exact: true }).waitFor();
    expect(await addressOf(page)).toBe(address);
    await prepareSending(page, '1', FRIEND);
    await button(page, 'Send it').click();
    await button(page, 'Unlock and sign').click();
    await balance(page, '999 OPEN').waitFor();
    expect(await words(page)).toHaveLength(12);
    expectNoComplaints(opened);
  });

  it('is not created with a passkey that cannot protect a key', async () => {
    const { page } = await openPage(browser);
    await addPasskeys(page, false);
    await openWallet(page, inject('appUrl'));
    await page.getByRole('radio', { name: 'By a passkey' }).check();
    await button(page, 'Make the wallet').click();
    await page.getByText('it lacks the PRF extension').waitFor();
    await makeWallet(page, 'By this browser');
  });

  it('can be cancelled while no authenticator answers', async () => {
    const { page } = await openPage(browser);
    const session = await page.context().newCDPSession(page);
    // Without an authenticator the browser waits, as it does when the security key is absent.
    await session.send('WebAuthn.enable');
    await openWallet(page, inject('appUrl'));
    await page.getByRole('radio', { name: 'By a passkey' }).check();
    await button(page, 'Make the wallet').click();
    await button(page, 'Cancel').click();
    await button(page, 'Cancel').waitFor({ state: 'detached' });
    expect(await page.getByRole('alert').count()).toBe(0);
    await makeWallet(page, 'By this browser');
  });
});

it('the sandbox is saved as a file, and reset only after confirmation', async () => {
  const { page } = await freshWallet();
  await makeWallet(page, 'By this browser');
  await drink(page);
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save it as a file').click()]);
  const path = await download.path();
  await button(page, 'Begin again').click();
  await button(page, 'Begin again').click();
  await page.getByText('The sandbox is as new.').waitFor();
  await balance(page, '0 OPEN').waitFor();
  await page.getByLabel('A saved sandbox').setInputFiles(path);
  await button(page, 'Bring it in').click();
  await balance(page, '1,000 OPEN').waitFor();
});

it('every page shows the selected chain and links to the others', async () => {
  const { page } = await openPage(browser, { viewport: { width: 360, height: 740 } });
  await goTo(page, inject('appUrl'), 'chat');
  await page.getByText('Sandbox', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Wallet' }).click();
  await page.getByRole('heading', { name: 'Wallet', exact: true }).waitFor();
  // In full for screen readers.
  expect(await page.getByText('Sandbox: this browser’s own ledger').count()).toBe(1);
  await goTo(page, inject('appUrl'), 'govern');
  await page.getByRole('heading', { name: 'Govern', exact: true }).waitFor();
  // On a phone the link of the current page is in sight, too.
  const isInSight = () =>
    page.getByRole('link', { name: 'Govern' }).evaluate((link) => {
      const [own, around] = [link, link.closest('nav')!].map((one) => one.getBoundingClientRect());
      return own!.left >= around!.left && own!.right <= around!.right;
    });
  await expect.poll(isInSight).toBe(true);
  await openWallet(page, inject('appUrl'));
  await page.getByLabel('Chain', { exact: true }).selectOption('Payable devnet');
  await page.getByText('Devnet', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('Devnet', { exact: true }).waitFor();
});

it('breaks no accessibility rule and fits the screen in every state', async () => {
  const { page } = await freshWallet();
  await expectGoodLooks(page);
  await button(page, 'I have twelve words').click();
  await expectGoodLooks(page);
  await button(page, 'Make a new one instead').click();
  await makeWallet(page, 'By this browser');
  await expectGoodLooks(page);
  await drink(page);
  await prepareSending(page, '1', FRIEND);
  await expectGoodLooks(page);
  await button(page, 'Send it').click();
  await page.getByRole('dialog').waitFor();
  await expectGoodLooks(page);
  await button(page, 'Sign').click();
  await balance(page, '999 OPEN').waitFor();
  await words(page);
  await expectGoodLooks(page);
  await button(page, 'Begin again').click();
  await expectGoodLooks(page);
});
