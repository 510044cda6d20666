import type { Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { bob, COUNTER, createTestNode, initCode } from '#tests/support/embedded-chain.ts';
import { ProviderError, type SubscriptionMessage } from './provider.ts';

describe('the provider', () => {
  it('rejects with a numeric code, and with data only if there is any', async () => {
    const { provider } = createTestNode();
    const error: unknown = await provider.request({ method: 'eth_foo' }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ code: -32601, message: expect.stringContaining('eth_foo') });
    expect('data' in (error as object)).toBe(false);
    const reverted = provider.request({ method: 'eth_call', params: [{ data: '0x5f5ffd' }, 'latest'] });
    await expect(reverted).rejects.toMatchObject({ code: 3, data: '0x' });
  });

  it('sends subscribers every new head and every matching log, once, until they unsubscribe', async () => {
    const { provider, wallet, reader } = createTestNode();
    const deployed = await wallet.deployContract({ abi: [], bytecode: initCode(COUNTER) });
    const { contractAddress } = await reader.getTransactionReceipt({ hash: deployed });
    const seen: SubscriptionMessage['data'][] = [];
    const waiting: { at: number; resolve: () => void }[] = [];
    const until = (at: number) => new Promise<void>((resolve) => waiting.push({ at, resolve }));
    provider.on('message', ({ data }) => {
      seen.push(data);
      for (const one of waiting) if (seen.length >= one.at) one.resolve();
    });
    const heads = (await provider.request({ method: 'eth_subscribe', params: ['newHeads'] })) as Hex;
    const logs = await provider.request({
      method: 'eth_subscribe',
      params: ['logs', { address: contractAddress }],
    });
    const three = until(4);
    await wallet.sendTransaction({ to: bob.address, value: 1n });
    await wallet.sendTransaction({ to: contractAddress!, gas: 100_000n });
    await wallet.sendTransaction({ to: bob.address, value: 1n });
    await three;
    const of = (id: unknown) => seen.filter(({ subscription }) => subscription === id).map(({ result }) => result);
    expect(of(heads).map((head) => (head as { number: Hex }).number)).toEqual(['0x2', '0x3', '0x4']);
    expect(of(logs)).toMatchObject([{ blockNumber: '0x3' }]);

    expect(await provider.request({ method: 'eth_unsubscribe', params: [heads] })).toBe(true);
    expect(await provider.request({ method: 'eth_unsubscribe', params: [heads] })).toBe(false);
    const fifth = until(5);
    await wallet.sendTransaction({ to: contractAddress!, gas: 100_000n });
    await fifth;
    expect(of(heads)).toHaveLength(3);
    expect(of(logs)).toHaveLength(2);
    provider.close();
  });

  it('refuses unknown subscriptions', async () => {
    const { provider } = createTestNode();
    const params = ['newPendingTransactions'];
    await expect(provider.request({ method: 'eth_subscribe', params })).rejects.toMatchObject({ code: -32602 });
  });
});
