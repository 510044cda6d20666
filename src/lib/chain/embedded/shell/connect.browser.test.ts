// The chain's worker in a real browser: one worker for two clients, death and reload, and what is stored after.

import { createPublicClient, createWalletClient, custom, numberToHex, parseEther, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, describe, expect, it } from 'vitest';
import { embedded } from '#lib/chain/chains.ts';
import { CREATE2_DEPLOYER } from '../genesis.ts';
import { linkOver } from '../remote-node.ts';
import { connectChain, type ChainClient, type ChainSource } from './connect.ts';
import workerUrl from './worker.ts?sharedworker&url';

const account = privateKeyToAccount(numberToHex(7, { size: 32 }));
/** Low addresses are precompiles. */
const NOBODY = numberToHex(0x1234567890n, { size: 20 });

async function source(database = `chain-test-${crypto.randomUUID()}`): Promise<ChainSource> {
  const text = JSON.stringify({
    format: 'payable/genesis@1',
    chainId: embedded.id,
    timestamp: 1_700_000_000,
    accounts: [CREATE2_DEPLOYER],
  });
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  // Not URL.createObjectURL: it would die with the page that made it.
  return { database, genesis: { url: `data:application/json,${encodeURIComponent(text)}`, sha256 } };
}

const open: ChainClient[] = [];
function connect(where: ChainSource, options?: { dedicated: boolean }) {
  const client = connectChain(where, options);
  open.push(client);
  const transport = custom(client.provider, { retryCount: 0 });
  return {
    ...client,
    reader: createPublicClient({ chain: embedded, transport, pollingInterval: 1 }),
    wallet: createWalletClient({ chain: embedded, transport, account }),
    faucet: () => client.node.request('payable_faucet', [account.address]),
  };
}
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

describe.each([{ dedicated: false }, { dedicated: true }])('two clients, %o', (options) => {
  it('share one chain, and each receives the other’s blocks', async () => {
    const where = await source();
    const [first, second] = [connect(where, options), connect(where, options)];
    await second.reader.getBlockNumber();
    const heard = new Promise<Hex>((resolve) => {
      second.provider.on('message', ({ data }) => resolve((data.result as { number: Hex }).number));
    });
    await second.provider.request({ method: 'eth_subscribe', params: ['newHeads'] });
    await first.faucet();
    expect(await heard).toBe('0x1');
    expect(await second.reader.getBalance(account)).toBe(parseEther('10'));
    const hash = await second.wallet.sendTransaction({ to: NOBODY, value: 1n });
    expect(await first.reader.getTransactionReceipt({ hash })).toMatchObject({ status: 'success', blockNumber: 2n });
  });
});

describe('a worker that dies', () => {
  it('hands the chain to the next tab, which continues without interruption', async () => {
    const where = await source();
    const first = connect(where, { dedicated: true });
    await first.faucet();
    const second = connect(where, { dedicated: true });
    expect(await second.reader.getBlockNumber()).toBe(1n);
    first.close();
    const hash = await second.wallet.sendTransaction({ to: NOBODY, value: 1n });
    expect(await second.reader.getTransactionReceipt({ hash })).toMatchObject({ blockNumber: 2n });
    expect(await second.reader.getTransactionCount(account)).toBe(1);
  });

  it('finishes its writes when the page of its SharedWorker closes', async () => {
    const where = await source();
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const Worker = (frame.contentWindow as Window & typeof globalThis).SharedWorker;
    const { port } = new Worker(new URL(workerUrl, location.href), { type: 'module', name: JSON.stringify(where) });
    port.start();
    const { node } = linkOver(port, new Promise(() => {}));
    expect(await node.request('payable_faucet', [account.address])).toHaveProperty('result');
    frame.remove();
    const client = connect(where);
    expect(await client.reader.getBalance(account)).toBe(parseEther('10'));
    expect(await client.reader.getBlockNumber()).toBe(1n);
  });
});

describe('a genesis that cannot be loaded', () => {
  it('is reported to every request', async () => {
    const where = await source();
    const client = connect({ ...where, genesis: { ...where.genesis, sha256: '00'.repeat(32) } });
    expect(await client.node.request('eth_blockNumber', [])).toMatchObject({
      error: { message: expect.stringContaining('its sha256 is') },
    });
    const missing = connect({
      ...where,
      genesis: { ...where.genesis, url: new URL('/no-such-genesis', location.href).href },
    });
    expect(await missing.node.request('eth_blockNumber', [])).toHaveProperty('error');
  });
});
