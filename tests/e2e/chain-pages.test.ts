// Token, stake and governance in the built app, on the sandbox chain: payout of a distribution, a node from stake to exit, a
// proposal from creation to execution, each through the user interface.

import type { Browser, Page } from 'playwright-core';
import { getAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { toHex } from '#lib/core/bytes.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { encodeModelManifest } from '#lib/formats/model/model-manifest.ts';
import { serveBlocks } from '../support/block-gateway.ts';
import { digester, packRows, someRows } from '../support/datanets.ts';
import { memoryNode } from '../support/ipfs-node.ts';
import { sandboxWithModel } from '../support/sandbox-with-model.ts';
import { expectNoComplaints, launchBrowser, openPage } from './support/browser.ts';
import { goTo } from './support/go-to.ts';
import { expectGoodLooks } from './support/looks.ts';
import { signUntil } from './support/sign-until.ts';
import {
  addressOf,
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

it('OPEN: shows the distribution, pays out what vested, and allows by transaction and by signature', async () => {
  const opened = await withMoney();
  const { page } = opened;
  await follow(page, 'Token');
  await part(page, 'Supply').getByText('1,000,000,000 OPEN').first().waitFor();
  const row = page.getByRole('row', { name: /^community, vesting/ });
  expect(await row.getByRole('cell').nth(2).innerText()).toBe('0');
  await carryOut(page, part(page, 'Release what has vested'));
  await expect.poll(() => row.getByRole('cell').nth(2).innerText()).toMatch(/^\d{3},\d{3},\d{3}$/);

  const allow = part(page, 'Allow');
  await allow.getByLabel('Who may take it').fill(FRIEND);
  await allow.getByLabel('How much at most').fill('2.5');
  await carryOut(page, allow);
  const allowances = part(page, 'Allowances');
  await allowances.getByText('may take 2.5 OPEN').waitFor();

  const permit = part(page, 'Allow by a signature');
  await permit.getByLabel('Who may take it').fill(FRIEND);
  await permit.getByLabel('How much at most').fill('7');
  await button(page, 'Sign it').click();
  await page.getByRole('dialog').getByText('Let someone take OPEN of yours').waitFor();
  await button(page, 'Sign').click();
  await permit.getByText('Signed:').waitFor();
  await carryOut(page, permit, { first: 'Bring it to the chain' });
  await allowances.getByText('may take 7 OPEN').waitFor();
  // The same signature a second time is refused before anything is sent.
  await permit.getByRole('button', { name: 'Bring it to the chain' }).click();
  await permit.getByText('This would fail').waitFor();
  await allowances.getByRole('button', { name: /^Revoke/ }).click();
  await button(page, 'Sign').click();
  await allowances.getByText('No account may take your OPEN').waitFor();
  expectNoComplaints(opened);
});

it('a node: registered, given more stake, given notice, withdrawn after the delay', async () => {
  const opened = await withMoney();
  const { page } = opened;
  await button(page, 'Get sandbox OPEN and ether').click();
  await balance(page, '2,000 OPEN').waitFor();
  await follow(page, 'Stake');
  await part(page, 'All nodes').getByText('No node runs').waitFor();
  const form = part(page, 'Run a node');
  await form.getByLabel('Stake, in OPEN').fill('999');
  await button(page, 'Draw one to try things with').click();
  await button(page, 'Check it first').click();
  // Both calls are simulated as one, so a refusal of the second is known before anything is sent.
  await form.getByText('This would fail').waitFor();
  await form.getByLabel('Stake, in OPEN').fill('1500');
  await form.getByText('This would fail').waitFor({ state: 'detached' });
  await form.getByRole('button', { name: 'Check it first' }).click();
  await form.getByText('These 2 happen together or not at all').waitFor();
  await button(page, 'Send it').click();
  await page.getByRole('dialog').getByText('From now on your account runs the product’s batch contract').waitFor();
  await button(page, 'Sign').click();
  const own = part(page, 'Your node');
  await own.getByText('1,500 OPEN').waitFor();
  await part(page, 'All nodes').getByText('1,500 OPEN at stake, yours').waitFor();

  const add = part(page, 'Add to your stake');
  await add.getByLabel('Stake, in OPEN').fill('100');
  await carryOut(page, add);
  await own.getByText('1,600 OPEN').waitFor();
  const rewards = part(page, 'Rewards');
  await rewards.getByText('Give OPEN to nodes').click();
  await rewards.getByLabel('How much, in OPEN').fill('70');
  await carryOut(page, rewards);
  await rewards.getByText('70 OPEN', { exact: true }).waitFor();

  const leave = part(page, 'Leave');
  await leave.getByLabel('How much leaves').fill('700');
  await button(leave.page(), 'Check it first').last().waitFor();
  await leave.getByRole('button', { name: 'Check it first' }).click();
  await leave.getByText('This would fail').waitFor();
  await button(page, 'All of it').click();
  await leave.getByText('This would fail').waitFor({ state: 'detached' });
  await carryOut(page, leave);
  await leave.getByText(/1,600 OPEN can be taken home in (7 days|6 days 23 hours)\./).waitFor();
  await button(page, 'On to when your stake can be taken home').click();
  await carryOut(page, leave, { first: 'Take it home' });
  await own.getByText('0 OPEN').first().waitFor();
  await follow(page, 'Wallet');
  // The node had no calls, so the 70 go to the next round.
  await balance(page, /^1,930/).waitFor();
  expectNoComplaints(opened);
});

it('a proposal: from delegation to a changed rule', async () => {
  const opened = await withMoney();
  const { page } = opened;
  await follow(page, 'Govern');
  const rules = part(page, 'The rules now');
  await rules.getByText('5 days').waitFor();
  await part(page, 'Proposals').getByText('There are none on this chain yet').waitFor();
  const votes = part(page, 'Your votes');

  const form = part(page, 'Propose');
  await form.getByLabel('What').selectOption('Set how long a vote lasts');
  await form.getByLabel('Hours').fill('72');
  await form.getByLabel('Title').fill('Vote faster');
  await form.getByLabel('Why').fill('Five days are long.');
  await form.getByRole('button', { name: 'Check it first' }).click();
  await form.getByText('This would fail').waitFor();

  await button(page, 'Vote for investors and team of the sandbox').click();
  await votes.getByText('332,900,000 OPEN').waitFor();
  await carryOut(page, votes);
  await votes.getByText('you vote with it').waitFor();
  await carryOut(page, form);
  const card = page.getByRole('article', { name: 'Proposal: Vote faster' });
  await card.getByText(/The vote begins in/).waitFor();
  await card.getByText('Let a vote last').waitFor();
  await button(page, 'On to when the vote begins').click();
  await card.getByText(/The vote is on/).waitFor();
  await card.getByLabel('Reason').fill('It is time.');
  await carryOut(page, card);
  await card.getByText('You have voted.').waitFor();
  await card.getByText('Quorum, reached').waitFor();
  await card.getByText('Number, dates and one vote').click();
  await card.getByText('“It is time.”').waitFor();
  await button(page, 'On to when the vote ends').click();
  await carryOut(page, card, { first: 'Put it into the Timelock' });
  await card.getByText(/it can be executed in/).waitFor();
  await button(page, 'On to when it can be executed').click();
  await carryOut(page, card, { first: 'Execute it' });
  await card.getByText('Executed', { exact: true }).waitFor();
  await rules.getByText('3 days').waitFor();
  expectNoComplaints(opened);
});

/** From the choice to the chat, which gets it by its number; then the sandbox registers another one. */
async function publishDemoAdapter(page: Page) {
  await follow(page, 'Models');
  await page.getByRole('link', { name: 'Publish an adapter' }).click();
  await page.getByRole('combobox', { name: 'Adapter' }).selectOption('Fresh retail');
  await button(page, 'Check it first').click();
  const plan = part(page, 'What would be published');
  await plan.getByText('You register the base first').waitFor();
  const earnings = part(page, 'What calls would pay');
  await earnings.getByRole('row', { name: 'You, who publish it 7.76 OPEN' }).waitFor();
  await expectGoodLooks(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  // Price and split need another plan, which is asked for again; the table follows them at once.
  await page.getByLabel('For a call').fill('0.02');
  await earnings.getByRole('row', { name: 'You, who publish it 15.52 OPEN' }).waitFor();
  await plan.waitFor({ state: 'detached' });
  await button(page, 'Check it first').click();
  await button(page, 'Publish it').click();
  await signUntil(page, part(page, 'Published'));
  await page.getByRole('link', { name: 'Open its page' }).click();
  await page.getByRole('heading', { level: 1, name: 'Fresh retail' }).waitFor();
  await button(page, 'Use in chat').click();
  await page.waitForURL(/\/chat$/);
  await follow(page, 'Models');
  await button(page, 'Register the demo models').click();
  await page.getByRole('link', { name: 'Manufacturing', exact: true }).waitFor();
  await button(page, 'Stop').click();
  await button(page, 'Stop').waitFor({ state: 'detached' });
}

it('a model: published and used, shown with its lineage and income, changed by its owner, checked for the chat', async () => {
  const node = await memoryNode();
  const cites = await packRows(someRows(20));
  const files = cites.shards[0]!.cid;
  const manifest = encodeModelManifest({ name: 'Bird namer', description: 'Names birds.', files }, digester);
  for (const [cid, bytes] of [...cites.source.blocks, [manifest.cid.toString(), manifest.bytes] as const])
    await node.blocks.put(parseCid(cid), bytes);
  const gateway = await serveBlocks(node);
  const opened = await openPage(browser);
  const { page } = opened;
  const settings = JSON.stringify({ gateways: [gateway.url] });
  await page.addInitScript((text) => localStorage.setItem('payable:ipfs', text), settings);
  await openWallet(page, inject('appUrl'));
  await makeWallet(page, 'By this browser');
  await follow(page, 'Models');
  await page.getByText('No model is registered on Payable sandbox yet.').waitFor();
  await follow(page, 'Wallet');
  await drink(page);
  await publishDemoAdapter(page);
  await follow(page, 'Wallet');
  const owner = getAddress(await addressOf(page));
  const about = { cites, owner, manifest: toHex(manifest.cid.multihash.digest) };
  await bringSandbox(page, await sandboxWithModel(about));
  await drink(page);
  await follow(page, 'Models');
  await page.getByText('owned by you').waitFor();
  await page.getByLabel('Search').fill('bird LLAMA');
  await page.getByRole('link', { name: 'Bird namer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Bird namer' }).waitFor();
  const paid = 'v2 1 10 OPEN 4.85 OPEN 2.91 OPEN 1.94 OPEN 0.3 OPEN';
  await part(page, 'Income').getByRole('row', { name: paid }).waitFor();
  const lineage = part(page, 'Lineage');
  await lineage.getByText('Version 1 of this model').waitFor();
  await lineage.getByText('20 rows by').waitFor();
  await part(page, 'Versions').getByText('the manifest could not be read').waitFor();

  const price = part(page, 'Set the price');
  await price.getByLabel('For a call').fill('0.25');
  await carryOut(page, price);
  await part(page, 'Price').getByText('0.25 OPEN a call').waitFor();
  const terms = part(page, 'Announce terms');
  await terms.getByLabel('Developer, in percent').fill('45');
  await terms.getByRole('button', { name: 'Check it first' }).click();
  await terms.getByText('add up to 95 %').waitFor();
  await terms.getByLabel('Contributors, in percent').fill('35');
  await carryOut(page, terms);
  await part(page, 'Announced terms').getByText('They apply from').waitFor();
  const leaving = part(page, 'Deprecate a version');
  await leaving.getByLabel('Version').selectOption('1');
  expect(await leaving.getByRole('button', { name: 'Check it first' }).isDisabled()).toBe(true);
  await leaving.getByLabel('I know that this cannot be undone').check();
  await carryOut(page, leaving);
  await part(page, 'Versions').getByText('Deprecated:').waitFor();
  await expectGoodLooks(page);
  const others = opened.complaints.filter((words) => !words.includes(gateway.url) && !words.includes('404'));
  expect(others).toEqual([]);
  await page.getByRole('link', { name: 'Open in the chooser: version 2' }).click();
  // The files of this model are rows of data, which the check of the chooser says.
  const sheet = page.getByRole('dialog', { name: 'Change the model' });
  await sheet.getByText(`ipfs:${files.toString().slice(0, 10)}`).waitFor();
  await sheet.getByRole('alert').waitFor();
  await gateway.close();
});

describe('without a wallet', () => {
  it.each(['Token', 'Stake', 'Govern'])('%s shows facts; the first action asks for a wallet', async (name) => {
    const opened = await openPage(browser);
    const { page } = opened;
    await goTo(page, inject('appUrl'), name.toLowerCase());
    await page.locator('dl.facts dd').first().waitFor();
    await button(page, 'Check it first').first().click();
    const sheet = page.getByRole('dialog', { name: 'First, a wallet' });
    await sheet.getByRole('heading', { name: 'Make a wallet on this device' }).waitFor();
    // The sheet is the same everywhere.
    if (name === 'Token') await expectGoodLooks(page);
    await sheet.getByRole('button', { name: 'Close' }).click();
    await sheet.waitFor({ state: 'detached' });
    await button(page, 'Check it first').first().waitFor();
    expectNoComplaints(opened);
  });

  it('an action prompts for a wallet and then continues', async () => {
    const opened = await openPage(browser);
    const { page } = opened;
    await goTo(page, inject('appUrl'), 'token');
    const allow = part(page, 'Allow');
    await allow.getByLabel('Who may take it').fill(FRIEND);
    await allow.getByLabel('How much at most').fill('2.5');
    await allow.getByRole('button', { name: 'Check it first' }).click();
    await page.getByRole('radio', { name: 'By this browser' }).check();
    await button(page, 'Make the wallet').click();
    // The typed input is checked without retyping; sending waits for ether for the fee.
    await allow.getByText(`${FRIEND} may take 2.5 OPEN of yours.`).waitFor();
    await follow(page, 'Wallet');
    await drink(page);
    await follow(page, 'Token');
    await allow.getByLabel('Who may take it').fill(FRIEND);
    await allow.getByLabel('How much at most').fill('2.5');
    await carryOut(page, allow);
    await part(page, 'Allowances').getByText('may take 2.5 OPEN').waitFor();
    expectNoComplaints(opened);
  });
});

it('a chain that does not answer is reported once, and tried again', async () => {
  const { page } = await openPage(browser);
  let asked = 0;
  await page.route('http://127.0.0.1:8545/**', (route) => {
    asked++;
    return route.abort();
  });
  await goTo(page, inject('appUrl'), 'govern');
  await page.locator('dl.facts dd').first().waitFor();
  await page.getByLabel('Chain', { exact: true }).selectOption('Payable devnet');
  const note = page.getByRole('alert').filter({ hasText: 'Payable devnet cannot be reached.' });
  await note.waitFor();
  // It is reported once, and one request serves the whole page; "Try now" sends the next.
  expect(await page.getByRole('alert').count()).toBe(1);
  expect(asked).toBe(1);
  await note.getByRole('button', { name: 'Try now' }).click();
  await expect.poll(() => asked).toBe(2);
  // Values of the sandbox are gone.
  expect(await page.locator('dl.facts dd').count()).toBe(0);
  await page.getByLabel('Chain', { exact: true }).selectOption('Payable sandbox');
  await page.locator('dl.facts dd').first().waitFor();
  await note.waitFor({ state: 'detached' });
});
