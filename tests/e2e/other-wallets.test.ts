// Other wallets in the browser, beside the wallet of this device: found, connected, refusing, on the wrong chain, with another
// account, on a real devnet behind them.

import type { Browser } from 'playwright-core';
import { createWalletClient, http, type Address, type Hex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import addresses from '#lib/chain/addresses.json' with { type: 'json' };
import { devnet } from '#lib/chain/chains.ts';
import { batchData } from '#lib/chain/tx/delegation.ts';
import { deployToDevnet } from '../../scripts/house/deploy-to-devnet.ts';
import { startAnvil } from '../support/anvil.ts';
import { launchBrowser, openPage } from './support/browser.ts';
import { installTestWallet, serveChain, type BatchCall } from './support/test-wallet.ts';
import {
  addressOf,
  balance,
  button,
  follow,
  makeWallet,
  openWallet,
  part,
  prepareSending,
} from './support/wallet-page.ts';

const PHRASE = 'test test test test test test test test test test test junk';
const account = (addressIndex: number) => mnemonicToAccount(PHRASE, { addressIndex }).address;
const [FOUNDER, HOLDER] = [account(0), account(6)];
const FRIEND = '0x00000000000000000000000000000000000000A1';
const MAINNET = 1;

let browser: Browser;
let anvil: Awaited<ReturnType<typeof startAnvil>>;
beforeAll(async () => {
  [browser, anvil] = await Promise.all([launchBrowser('none'), startAnvil(devnet.id)]);
  await deployToDevnet(anvil.url);
});
afterAll(() => Promise.all([browser.close(), anvil.stop()]));

/** Like a wallet that delegates its account to the batch contract (EIP-7702). */
async function asOne(calls: readonly BatchCall[]): Promise<Hex> {
  const holder = mnemonicToAccount(PHRASE, { addressIndex: 6 });
  const client = createWalletClient({ account: holder, chain: devnet, transport: http(anvil.url) });
  const contractAddress = addresses.DeviceAccount as Address;
  const authorization = await client.signAuthorization({ contractAddress, executor: 'self' });
  const data = batchData(calls.map((call) => ({ ...call, valueWei: 0n })));
  return client.sendTransaction({ to: holder.address, data, authorizationList: [authorization] });
}

async function open(sendTogether?: typeof asOne) {
  const { page } = await openPage(browser);
  await serveChain(page, devnet.rpcUrls.default.http[0], anvil.url);
  const wallet = await installTestWallet(page, {
    name: 'Test Wallet',
    accounts: [HOLDER],
    chainId: MAINNET,
    rpcUrl: anvil.url,
    ...(sendTogether ? { sendTogether } : {}),
  });
  await openWallet(page, inject('appUrl'));
  await button(page, 'Test Wallet').waitFor();
  return { page, wallet };
}
const count = (asked: readonly string[], method: string) => asked.filter((one) => one === method).length;

it('a wallet on the devnet: switches chain on request, shows no error when the user declines, and is followed when they agree', async () => {
  const { page, wallet } = await open();
  await page.getByLabel('Chain', { exact: true }).selectOption('Payable devnet');
  await button(page, 'Test Wallet').click();
  await page.getByText('Your wallet is on another chain').waitFor();
  expect(await addressOf(page)).toBe(HOLDER);
  await balance(page, '50,000,000 OPEN').waitFor();
  expect(count(wallet.asked, 'wallet_switchEthereumChain')).toBe(0);

  // An action requests the switch; declining it shows no error.
  wallet.declines.add('wallet_switchEthereumChain');
  await page.getByLabel('To', { exact: true }).fill(FRIEND);
  await page.getByLabel('Amount').fill('5');
  await button(page, 'Check it first').click();
  await expect.poll(() => count(wallet.asked, 'wallet_switchEthereumChain')).toBe(1);
  await button(page, 'Check it first').and(page.locator(':enabled')).waitFor();
  // The only alert is about the chain.
  expect(await page.getByRole('alert').count()).toBe(1);
  wallet.declines.clear();
  await prepareSending(page, '5', FRIEND);
  await page.getByText('Your wallet is on another chain').waitFor({ state: 'detached' });

  wallet.declines.add('eth_sendTransaction');
  await button(page, 'Send it').click();
  await page.getByText('You declined to sign, so nothing was sent').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  await balance(page, '50,000,000 OPEN').waitFor();

  wallet.declines.clear();
  await button(page, 'Send it').click();
  await page.getByText(/Done, in block \d+/).waitFor();
  await balance(page, '49,999,995 OPEN').waitFor();
  const activity = part(page, 'Activity');
  expect(await activity.getByText(`You pay 5 OPEN to ${FRIEND}.`).count()).toBe(2);

  // All pages use the same wallet.
  await follow(page, 'Govern');
  await part(page, 'Your votes').getByText('49,999,995 OPEN').waitFor();
  await follow(page, 'Wallet');
  await button(page, 'Test Wallet, in use').waitFor();
});

it('a wallet that sends several calls as one gets one request', async () => {
  const { page, wallet } = await open(asOne);
  await page.getByLabel('Chain', { exact: true }).selectOption('Payable devnet');
  await button(page, 'Test Wallet').click();
  await button(page, 'Switch it to Payable devnet').click();
  await balance(page, /OPEN/).waitFor();
  await follow(page, 'Stake');
  const form = part(page, 'Run a node');
  await form.getByLabel('Stake, in OPEN').fill('1500');
  await button(page, 'Draw one to try things with').click();
  await form.getByRole('button', { name: 'Check it first' }).click();
  await form.getByText('These 2 happen together or not at all').waitFor();
  await form.getByRole('button', { name: 'Send it' }).click();
  await part(page, 'Your node').getByText('1,500 OPEN').waitFor();
  expect(count(wallet.asked, 'wallet_sendCalls')).toBe(1);
  expect(count(wallet.asked, 'eth_sendTransaction')).toBe(0);
});

it('the app follows a change of account, a change of chain, and disconnecting', async () => {
  const { page, wallet } = await open();
  await page.getByLabel('Chain', { exact: true }).selectOption('Payable devnet');
  wallet.chainId = devnet.id;
  await button(page, 'Test Wallet').click();
  await expect.poll(() => addressOf(page)).toBe(HOLDER);
  await wallet.takeAccounts([FOUNDER]);
  await expect.poll(() => addressOf(page)).toBe(FOUNDER);
  await balance(page, /^0 OPEN$/).waitFor();
  await part(page, 'Activity').getByText('What you send from this browser').waitFor();
  await wallet.goTo(MAINNET);
  await page.getByText('Your wallet is on another chain').waitFor();
  await button(page, 'Switch it to Payable devnet').click();
  await page.getByText('Your wallet is on another chain').waitFor({ state: 'detached' });
  await wallet.takeAccounts([]);
  await button(page, 'Make the wallet').waitFor();
  // It does not reconnect by itself.
  await page.reload();
  await button(page, 'Make the wallet').waitFor();
});

it('declining to connect shows no error', async () => {
  const { page, wallet } = await open();
  for (const method of ['eth_requestAccounts', 'wallet_requestPermissions']) wallet.declines.add(method);
  await button(page, 'Test Wallet').click();
  await expect.poll(() => wallet.asked.filter((method) => wallet.declines.has(method)).length).toBe(1);
  await button(page, 'Test Wallet').and(page.locator(':enabled')).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});

it('another wallet can be used beside the wallet of this device, and left again', async () => {
  const { page } = await open();
  await makeWallet(page, 'By this browser');
  const own = await addressOf(page);
  await button(page, 'Test Wallet').click();
  await expect.poll(() => addressOf(page)).toBe(HOLDER);
  await button(page, 'This device').click();
  await expect.poll(() => addressOf(page)).toBe(own);
});
