// Responses of the node to invalid requests and to requests for missing data.

import { describe, expect, it } from 'vitest';
import { alice, createTestNode, GENESIS_SECONDS } from '#tests/support/embedded-chain.ts';

describe('bad requests', () => {
  it('get the error code and message of JSON-RPC', async () => {
    const { node } = createTestNode();
    for (const [method, params, code] of [
      ['eth_foo', [], -32601],
      ['toString', [], -32601],
      [7, [], -32601],
      ['eth_chainId', {}, -32602],
      ['eth_getBalance', [], -32602],
      ['eth_getBalance', ['0x12'], -32602],
      ['eth_getBalance', [alice.address, 'yesterday'], -32602],
      ['eth_getBlockByHash', ['0x12'], -32602],
      ['eth_call', ['nothing'], -32602],
      ['eth_call', [{ to: alice.address, value: -1 }], -32602],
      ['eth_call', [{ to: alice.address }, 'latest', { [alice.address]: {} }], -32602],
      ['eth_call', [{ to: alice.address }, 'latest', { [alice.address]: { code: '0x', balance: '0x1' } }], -32602],
      ['eth_call', [{ to: alice.address }, 'latest', { me: { code: '0x' } }], -32602],
      ['eth_estimateGas', [{ to: alice.address }, 'latest', { [alice.address]: { code: 1 } }], -32602],
      ['eth_call', [{ to: alice.address }, 'latest', {}, { number: '0x1' }], -32602],
      ['eth_getLogs', [{ topics: [null, null, null, null, null] }], -32602],
      ['eth_getLogs', [{ address: Array(300).fill(alice.address) }], -32602],
      ['eth_getLogs', [{ blockHash: `0x${'00'.repeat(32)}` }], -32000],
      ['eth_feeHistory', ['0x0', 'latest'], -32602],
      ['eth_feeHistory', ['0x1', 'latest', [50, 10]], -32602],
      ['evm_increaseTime', [1e15], -32602],
      ['evm_setNextBlockTimestamp', [GENESIS_SECONDS], -32602],
      ['eth_getBalance', [alice.address, '0x7'], -32000],
    ] as const) {
      const answer = await node.request(method, params);
      expect(answer, String(method)).toMatchObject({ error: { code, message: expect.stringMatching(/\w{3}/) } });
    }
  });

  it('about past states are refused, not answered with the present', async () => {
    const { node } = createTestNode();
    await node.request('evm_mine', []);
    expect(await node.request('eth_getBalance', [alice.address, '0x0'])).toMatchObject({
      error: { message: expect.stringContaining('missing trie node') },
    });
  });

  it('for missing data give null, as wallets expect', async () => {
    const { node } = createTestNode();
    const nowhere = `0x${'ab'.repeat(32)}`;
    for (const method of ['eth_getTransactionByHash', 'eth_getTransactionReceipt', 'eth_getBlockByHash']) {
      expect(await node.request(method, [nowhere])).toEqual({ result: null });
    }
    expect(await node.request('eth_getBlockByNumber', ['0x99', false])).toEqual({ result: null });
    expect(await node.request('eth_getBlockReceipts', ['0x99'])).toEqual({ result: null });
  });
});
