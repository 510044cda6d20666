// Session keys in the built app: created with a cap and an end, limited by both, redeemed, revoked, and the channel closed; on the
// sandbox chain, on which a model is registered.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { sandboxWithModel } from '../support/sandbox-with-model.ts';
import { expectNoComplaints, launchBrowser, openPage } from './support/browser.ts';
import { expectGoodLooks } from './support/looks.ts';
import {
  balance,
  bringSandbox,
  button,
  carryOut,
  drink,
  follow,
  makeWallet,
  openWallet,
  part,
} from './support/wallet-page.ts';

let browser: Browser;
let file: Buffer;
beforeAll(async () => {
  [browser, file] = await Promise.all([launchBrowser('none'), sandboxWithModel()]);
});
afterAll(() => browser.close());

async function withMoney() {
  const opened = await openPage(browser);
  const { page } = opened;
  await openWallet(page, inject('appUrl'));
  await makeWallet(page, 'By this browser');
  await bringSandbox(page, file);
  await drink(page);
  await follow(page, 'Channels');
  await page.getByText('You have none on this chain yet.').waitFor();
  return opened;
}

const channel = (page: Page) => page.getByRole('article', { name: 'Channel to yourself' });

async function grant(page: Page, amount: string) {
  const form = part(page, 'Open a channel');
  await button(page, 'Be the node yourself').click();
  await form.getByLabel('How much it may spend').fill(amount);
  await form.getByLabel('The key ends after').selectOption('a day');
  await form.getByRole('button', { name: 'Make the key and check' }).click();
  await page.getByRole('dialog').getByText(`up to ${amount} OPEN in all`).waitFor();
  await button(page, 'Sign').click();
  await form.getByText('These 2 happen together or not at all').waitFor();
}

/** The node writes receipts for calls at these costs, and the payer signs for them. */
async function sign(page: Page, costs: string): Promise<string> {
  const node = part(page, 'Write receipts');
  await node.getByLabel('Number of the model').fill('1');
  await node.getByLabel('What each call costs').fill(costs);
  await button(page, 'Write the receipts').click();
  const receipts = await node.getByLabel('For the payer, and for you').inputValue();
  await channel(page).getByLabel('The receipts that the node showed').fill(receipts);
  await button(page, 'Read the receipts').click();
  await channel(page).getByText('to model 1 v1').waitFor();
  await button(page, 'Sign a voucher').click();
  return receipts;
}

it('a session key pays up to its cap and not a wei more, is redeemed, and is revoked', async () => {
  const opened = await withMoney();
  const { page } = opened;
  await expectGoodLooks(page);
  await grant(page, '5');
  await button(page, 'Send it').click();
  await button(page, 'Sign').click();
  const card = channel(page);
  await card.getByText('Open.', { exact: true }).waitFor();
  await card.getByText('0 OPEN of at most 5 OPEN').waitFor();

  await card.getByText('Pay by hand').click();
  // Without receipts nothing is signed.
  await button(page, 'Read the receipts').click();
  await card.getByText('What the node showed is missing').waitFor();
  const receipts = await sign(page, '1.5 0.5');
  const voucher = await card.getByLabel('For the node').inputValue();
  await card.getByText('2 OPEN of at most 5 OPEN').waitFor();
  await expectGoodLooks(page);
  const redeem = part(page, 'Redeem a voucher');
  await redeem.getByLabel('The voucher').fill(voucher);
  // A node redeems only what it can show.
  await redeem.getByLabel('Your receipts for it').fill(receipts.replace('1500000000000000000', '1400000000000000000'));
  await redeem.getByRole('button', { name: 'Check it first' }).click();
  await redeem.getByText('The voucher does not pay these receipts').waitFor();
  await redeem.getByLabel('Your receipts for it').fill(receipts);
  await carryOut(page, redeem);
  await card.getByText('Redeemed by the node').waitFor();
  await card.getByText('3 OPEN', { exact: true }).waitFor();
  // A voucher is redeemed once.
  await redeem.getByLabel('The voucher').fill(voucher);
  await redeem.getByLabel('Your receipts for it').fill(receipts);
  await redeem.getByRole('button', { name: 'Check it first' }).click();
  await redeem.getByText('it is old, or was used').waitFor();

  // What was redeemed counts: three are left of the cap.
  await sign(page, '3.000000000000000001');
  await card.getByText('the cap of this session key is 5 OPEN').waitFor();
  expect(await card.getByLabel('For the node').count()).toBe(0);
  await card.getByText('2 OPEN of at most 5 OPEN').waitFor();
  const rest = await sign(page, '3');
  const last = await card.getByLabel('For the node').inputValue();
  await card.getByText('5 OPEN of at most 5 OPEN').waitFor();

  await button(page, 'Revoke the key').click();
  await button(page, 'Drop the key').click();
  await card.getByText('not on this device').waitFor();
  expect(await card.getByText('Pay by hand').count()).toBe(0);
  // Vouchers it signed stay valid.
  await redeem.getByLabel('The voucher').fill(last);
  await redeem.getByLabel('Your receipts for it').fill(rest);
  await carryOut(page, redeem);
  await card.getByText('0 OPEN', { exact: true }).waitFor();
  await follow(page, 'Wallet');
  await part(page, 'Session keys').getByText('None on this chain.').waitFor();
  await balance(page, '995 OPEN').waitFor();
  expectNoComplaints(opened);
});

it('a declined grant leaves no key, and a channel returns its rest a day after closing was requested', async () => {
  const opened = await withMoney();
  const { page } = opened;
  const form = part(page, 'Open a channel');
  await button(page, 'Be the node yourself').click();
  await form.getByLabel('How much it may spend').fill('7');
  await form.getByRole('button', { name: 'Make the key and check' }).click();
  await button(page, 'Decline').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('You have none on this chain yet.').waitFor();

  await grant(page, '7');
  // Another amount makes another key; the unused one is removed.
  await form.getByLabel('How much it may spend').fill('8');
  await form.getByRole('button', { name: 'Make the key and check' }).click();
  await page.getByRole('dialog').getByText('up to 8 OPEN in all').waitFor();
  await button(page, 'Sign').click();
  await channel(page).getByText('0 OPEN of at most 8 OPEN').waitFor();
  expect(await channel(page).count()).toBe(1);
  await button(page, 'Send it').click();
  await button(page, 'Sign').click();
  await channel(page).getByText('Open.', { exact: true }).waitFor();

  await channel(page).getByText('Close the channel').click();
  await carryOut(page, channel(page), { first: 'Announce its closing' });
  await channel(page)
    .getByText(/it can be closed in (24 hours|1 day|23 hours)/)
    .waitFor();
  expect(await channel(page).getByText('Pay by hand').count()).toBe(0);
  await expectGoodLooks(page);
  // A request can be taken back, and made again.
  await channel(page).getByText('Keep the channel open').click();
  await carryOut(page, channel(page), { first: 'Take back the request' });
  await channel(page).getByText('Open.', { exact: true }).waitFor();
  await channel(page).getByText('Close the channel').click();
  await carryOut(page, channel(page), { first: 'Announce its closing' });
  await button(page, 'On to when a channel can be closed').click();
  await carryOut(page, channel(page), { first: 'Close it and take the rest home' });
  await channel(page).getByText('Closed.', { exact: true }).waitFor();
  await follow(page, 'Wallet');
  await balance(page, '1,000 OPEN').waitFor();
  await part(page, 'Session keys').getByText('0 OPEN of 8 OPEN signed').waitFor();
  expectNoComplaints(opened);
});
