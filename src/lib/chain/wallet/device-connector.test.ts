// The device's wallet through wagmi, on the real sandbox chain: signatures, refusals, and batches as one atomic transaction.

import {
  connect,
  sendCalls,
  sendTransaction,
  signMessage,
  signTypedData,
  switchChain,
  waitForCallsStatus,
} from '@wagmi/core';
import { getCapabilities, getConnection, getCallsStatus } from '@wagmi/core';
import {
  encodeFunctionData,
  parseEther,
  recoverMessageAddress,
  recoverTypedDataAddress,
  zeroAddress,
  type Address,
} from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { devnet, embedded } from '#lib/chain/chains.ts';
import { at, createSandbox } from '#tests/support/sandbox.ts';
import { createTestWalletHost } from '#tests/support/wallet-host.ts';
import type { ApprovalRequest } from './approval.ts';
import { createWalletConfig } from './config.ts';
import { batchData, delegationTo } from '../tx/delegation.ts';
import { deviceConnector } from './device-connector.ts';
import { DeclinedError } from './errors.ts';
import { createKeystore } from './keystore.ts';

const NODE: Address = '0x00000000000000000000000000000000000000a1';
const SIGNER: Address = '0x00000000000000000000000000000000000000b2';
const ONE = parseEther('1');

const approveCall = (wei: bigint) =>
  ({
    to: at.OpenToken,
    data: encodeFunctionData({ abi: openTokenAbi, functionName: 'approve', args: [at.Settlement, wei] }),
  }) as const;
const openCall = (wei: bigint) =>
  ({
    to: at.Settlement,
    data: encodeFunctionData({ abi: settlementAbi, functionName: 'open', args: [NODE, SIGNER, wei] }),
  }) as const;
const give = (wei: bigint) =>
  ({
    to: at.OpenToken,
    data: encodeFunctionData({ abi: openTokenAbi, functionName: 'transfer', args: [NODE, wei] }),
  }) as const;

async function createTestWallet() {
  const sandbox = await createSandbox();
  const asked: ApprovalRequest[] = [];
  const answer = { declines: false };
  const { host } = createTestWalletHost();
  const keystore = createKeystore(host);
  const config = createWalletConfig({
    chains: [embedded, devnet],
    transports: { [embedded.id]: sandbox.transport, [devnet.id]: sandbox.transport },
    device: deviceConnector({
      keystore,
      deviceAccount: () => at.DeviceAccount,
      inTurn: host.inTurn,
      async approve(request) {
        asked.push(request);
        if (answer.declines) throw new DeclinedError();
      },
    }),
    storage: null,
  });
  const connector = config.connectors[0]!;
  const request = async (method: string, ...params: unknown[]) =>
    ((await connector.getProvider()) as { request(call: object): Promise<unknown> }).request({ method, params });
  const openOf = (address: Address) =>
    sandbox.reader.readContract({
      address: at.OpenToken,
      abi: openTokenAbi,
      functionName: 'balanceOf',
      args: [address],
    });
  const channelOf = (payer: Address) =>
    sandbox.reader.readContract({
      address: at.Settlement,
      abi: settlementAbi,
      functionName: 'channelOf',
      args: [payer, NODE, SIGNER],
    });
  return { ...sandbox, asked, answer, keystore, config, connector, request, openOf, channelOf };
}

let wallet: Awaited<ReturnType<typeof createTestWallet>>;
let me: Address;
beforeEach(async () => {
  wallet = await createTestWallet();
  await wallet.keystore.create('device');
  const { accounts } = await connect(wallet.config, { connector: wallet.connector });
  [me] = accounts as [Address];
  await wallet.giveEther(me);
  await wallet.giveOpen(me, 10n * ONE);
});

describe('a batch', () => {
  it('has the same effect as its calls one by one', async () => {
    const { id } = await sendCalls(wallet.config, { calls: [approveCall(ONE), openCall(ONE)] });
    const { status, receipts, atomic } = await waitForCallsStatus(wallet.config, { id, pollingInterval: 1 });
    expect([status, atomic, receipts?.length]).toEqual(['success', true, 1]);

    const other = await createTestWallet();
    await other.keystore.create('device');
    const { accounts } = await connect(other.config, { connector: other.connector });
    const she = accounts[0];
    await other.giveEther(she);
    await other.giveOpen(she, 10n * ONE);
    for (const call of [approveCall(ONE), openCall(ONE)]) await sendTransaction(other.config, call);
    expect(await wallet.channelOf(me)).toEqual(await other.channelOf(she));
    expect(await wallet.openOf(me)).toBe(await other.openOf(she));
    expect(await wallet.openOf(me)).toBe(9n * ONE);
  });

  it('delegates the account once, and announces it before', async () => {
    const send = async () => {
      const { id } = await sendCalls(wallet.config, { calls: [give(1n), give(2n)] });
      return wallet.reader.getTransaction({ hash: id as `0x${string}` });
    };
    expect((await send()).type).toBe('eip7702');
    expect(await wallet.reader.getCode({ address: me })).toBe(delegationTo(at.DeviceAccount));
    expect((await send()).type).toBe('eip1559');
    expect(wallet.asked.map((request) => request.kind === 'transaction' && request.delegatesTo)).toEqual([
      at.DeviceAccount,
      null,
    ]);
    expect(await wallet.openOf(NODE)).toBe(6n);
  });

  it('that cannot succeed is not sent', async () => {
    const nonce = await wallet.reader.getTransactionCount({ address: me });
    await expect(sendCalls(wallet.config, { calls: [give(ONE), give(100n * ONE)] })).rejects.toThrow();
    await sendCalls(wallet.config, { calls: [give(1n), give(1n)] });
    await expect(sendCalls(wallet.config, { calls: [give(ONE), give(100n * ONE)] })).rejects.toThrow();
    expect(await wallet.reader.getTransactionCount({ address: me })).toBe(nonce + 2);
    expect(await wallet.openOf(NODE)).toBe(2n);
  });

  it('that fails on the chain reverts its first call, too', async () => {
    await sendCalls(wallet.config, { calls: [give(1n), give(1n)] });
    const data = batchData([give(ONE), give(100n * ONE)].map((call) => ({ ...call, valueWei: 0n })));
    const id = await sendTransaction(wallet.config, { to: me, data, gas: 500_000n });
    expect(await getCallsStatus(wallet.config, { id })).toMatchObject({ status: 'failure', statusCode: 500 });
    expect(await wallet.openOf(NODE)).toBe(2n);
  });

  it('is offered on chains with the batch contract', async () => {
    expect(await getCapabilities(wallet.config)).toEqual({ [embedded.id]: { atomic: { status: 'supported' } } });
    await expect(getCallsStatus(wallet.config, { id: `0x${'77'.repeat(32)}` })).rejects.toThrow('no such batch');
  });
});

describe('a signature', () => {
  const domain = { name: 'Test', version: '1', chainId: embedded.id } as const;
  const types = {
    Note: [
      { name: 'text', type: 'string' },
      { name: 'amount', type: 'uint256' },
    ],
  } as const;
  const note = { types, primaryType: 'Note', message: { text: 'hello', amount: 1n << 200n } } as const;

  it('of a message is the account’s, and the text was shown', async () => {
    const signature = await signMessage(wallet.config, { message: 'two\nlines' });
    expect(await recoverMessageAddress({ message: 'two\nlines', signature })).toBe(me);
    expect(wallet.asked).toMatchObject([{ kind: 'message', text: 'two\nlines' }]);
  });

  it('of bytes that only look like a text is shown as bytes', async () => {
    await signMessage(wallet.config, { message: 'pay \u202etfel' });
    await signMessage(wallet.config, { message: { raw: '0xff00ff' } });
    expect(wallet.asked).toMatchObject([{ text: null }, { text: null, raw: '0xff00ff' }]);
  });

  it('of typed data is the account’s', async () => {
    const signature = await signTypedData(wallet.config, { domain, ...note });
    expect(await recoverTypedDataAddress({ domain, ...note, signature })).toBe(me);
  });

  it.each([
    ['of another chain', { ...domain, chainId: devnet.id }, `The data is for chain ${devnet.id}`],
    ['of no chain', { name: 'Test', version: '1' }, 'names no chain'],
  ])('of typed data %s is refused without asking', async (_what, wrong, message) => {
    await expect(signTypedData(wallet.config, { domain: wrong, ...note })).rejects.toThrow(message);
    expect(wallet.asked).toEqual([]);
  });

  it('follows the wallet’s current chain', async () => {
    await switchChain(wallet.config, { chainId: devnet.id });
    expect(getConnection(wallet.config).chainId).toBe(devnet.id);
    await expect(signTypedData(wallet.config, { domain, ...note })).rejects.toThrow(`is for chain ${embedded.id}`);
    await expect(switchChain(wallet.config, { chainId: 1 })).rejects.toThrow();
  });

  it.each([
    ['no object', 'hello'],
    ['data that misses its types', { domain, types, primaryType: 'Note', message: { text: 'a', amount: -1 } }],
    ['a type it does not define', { domain, types, primaryType: 'Other', message: {} }],
  ])('of %s is refused', async (_what, data) => {
    await expect(wallet.request('eth_signTypedData_v4', me, data)).rejects.toMatchObject({ code: -32602 });
  });
});

describe('the user', () => {
  it('sees what it sends, where, and the most it costs', async () => {
    await sendTransaction(wallet.config, { to: NODE, value: 5n });
    const [request] = wallet.asked;
    expect(request).toMatchObject({ kind: 'transaction', chainId: embedded.id, from: me, calls: [{ valueWei: 5n }] });
    const spent = 10n * ONE - 5n - (await wallet.reader.getBalance({ address: me }));
    expect(request!.kind === 'transaction' && request!.maxFeeWei >= spent && spent > 0n).toBe(true);
  });

  it('declines, and nothing is signed', async () => {
    wallet.answer.declines = true;
    await expect(wallet.request('eth_sendTransaction', { from: me, to: NODE, value: '0x1' })).rejects.toMatchObject({
      code: 4001,
    });
    await expect(wallet.request('personal_sign', '0x00', me)).rejects.toMatchObject({ code: 4001 });
    expect(await wallet.reader.getTransactionCount({ address: me })).toBe(0);
  });

  it('has locked the wallet, so nothing is signed, and reads still work', async () => {
    wallet.keystore.lock();
    await expect(wallet.request('personal_sign', '0x00', me)).rejects.toMatchObject({ code: 4100 });
    expect(await wallet.request('eth_getBalance', me, 'latest')).toBe('0x8ac7230489e80000');
    expect(await wallet.request('eth_accounts')).toEqual([me]);
  });

  it('deletes the wallet, and the page is notified', async () => {
    await wallet.keystore.forget();
    await expect.poll(() => getConnection(wallet.config).status).toBe('disconnected');
    await expect(connect(wallet.config, { connector: wallet.connector })).rejects.toThrow('no wallet on this device');
  });
});

describe('an invalid request of a page', () => {
  it.each([
    ['for another account', 'personal_sign', ['0x00', zeroAddress], 4100],
    ['to sign unseen', 'eth_sign', [zeroAddress, '0x00'], 4200],
    ['to watch an asset', 'wallet_watchAsset', [{}], 4200],
    ['to send nothing nowhere', 'eth_sendTransaction', [{ from: 'me' }], -32602],
    [
      'for a transaction of another chain',
      'eth_sendTransaction',
      [{ from: 'me', to: zeroAddress, chainId: '0x1' }],
      -32602,
    ],
    [
      'to delegate elsewhere',
      'eth_sendTransaction',
      [{ from: 'me', to: zeroAddress, authorizationList: [{}] }],
      -32602,
    ],
    ['for an empty batch', 'wallet_sendCalls', [{ version: '2.0.0', chainId: '0x4eea75', calls: [] }], -32602],
    [
      'for an unknown capability',
      'wallet_sendCalls',
      [{ version: '2.0.0', chainId: '0x4eea75', calls: [{ to: zeroAddress }], capabilities: { paymasterService: {} } }],
      5700,
    ],
    ['for a chain that is not there', 'wallet_switchEthereumChain', [{ chainId: '0x1' }], 4902],
  ])('%s is refused', async (_what, method, params, code) => {
    const own = JSON.parse(JSON.stringify(params).replaceAll('"me"', `"${me}"`)) as unknown[];
    await expect(wallet.request(method, ...own)).rejects.toMatchObject({ code });
    expect(wallet.asked).toEqual([]);
  });
});
