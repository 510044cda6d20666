// The node as a wallet library sees it: blocks, fees, refusals, reverts, estimates, time, snapshots, the faucet.

import {
  BaseError,
  ContractFunctionRevertedError,
  encodeErrorResult,
  FeeCapTooLowError,
  getContractAddress,
  InsufficientFundsError,
  IntrinsicGasTooLowError,
  NonceTooHighError,
  NonceTooLowError,
  numberToHex,
  parseAbi,
  parseEther,
  parseGwei,
  TipAboveFeeCapError,
  type Hex,
  type TransactionSerializable,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import {
  alice,
  bob,
  carol,
  COUNTER,
  createTestNode,
  GENESIS_SECONDS,
  initCode,
  REVERTER,
} from '#tests/support/embedded-chain.ts';
import { embedded } from '../chains.ts';

type Chain = ReturnType<typeof createTestNode>;

async function deploy({ wallet, reader }: Chain, runtime: string): Promise<Hex> {
  const hash = await wallet.deployContract({ abi: [], bytecode: initCode(runtime) });
  return (await reader.waitForTransactionReceipt({ hash })).contractAddress!;
}

const transfer: TransactionSerializable = {
  chainId: embedded.id,
  type: 'eip1559',
  nonce: 0,
  gas: 21_000n,
  to: bob.address,
  value: 1n,
  maxFeePerGas: parseGwei('2'),
  maxPriorityFeePerGas: 0n,
};

describe('transactions', () => {
  it('make one block each, hash-linked, with the right money moved', async () => {
    const { reader, wallet } = createTestNode();
    const fees = { maxFeePerGas: parseGwei('3'), maxPriorityFeePerGas: parseGwei('1') };
    const hash = await wallet.sendTransaction({ to: bob.address, value: parseEther('1'), ...fees });
    const receipt = await reader.getTransactionReceipt({ hash });
    expect(receipt).toMatchObject({ status: 'success', gasUsed: 21_000n, blockNumber: 1n });
    expect(receipt.effectiveGasPrice).toBe(parseGwei('2'));
    expect(await reader.getBalance(bob)).toBe(parseEther('10001'));
    expect(await reader.getBalance(alice)).toBe(parseEther('9999') - 21_000n * parseGwei('2'));
    // The tip goes to the block's account, which is the zero address here; the base fee is burnt.
    expect(await reader.getBalance({ address: numberToHex(0, { size: 20 }) })).toBe(21_000n * parseGwei('1'));

    await wallet.sendTransaction({ to: bob.address, value: 1n, ...fees });
    const [genesis, first, second] = await Promise.all(
      [0n, 1n, 2n].map((blockNumber) => reader.getBlock({ blockNumber, includeTransactions: true })),
    );
    expect([first!.parentHash, second!.parentHash]).toEqual([genesis!.hash, first!.hash]);
    expect(second!.baseFeePerGas).toBeLessThan(first!.baseFeePerGas!);
    expect(first!.transactions[0]).toMatchObject({ hash, from: alice.address.toLowerCase(), nonce: 0 });
    expect(await reader.getTransaction({ hash })).toMatchObject({ blockNumber: 1n, value: parseEther('1') });
    expect(await reader.getTransactionCount(alice)).toBe(2);
  });

  it('can share a block, all or none', async () => {
    const { node, reader } = createTestNode();
    const sign = (nonce: number, value: bigint) => alice.signTransaction({ ...transfer, nonce, value });
    const none = await node.request('payable_sendRawTransactions', [[await sign(0, 1n), await sign(5, 1n)]]);
    expect(none).toMatchObject({ error: { message: expect.stringContaining('nonce too high') } });
    expect(await reader.getTransactionCount(alice)).toBe(0);
    const both = await node.request('payable_sendRawTransactions', [[await sign(0, 1n), await sign(1, 2n)]]);
    const { transactions } = await reader.getBlock({ includeTransactions: true });
    expect(both).toEqual({ result: transactions.map(({ hash }) => hash) });
    const receipts = await Promise.all(transactions.map(({ hash }) => reader.getTransactionReceipt({ hash })));
    expect(receipts.map(({ cumulativeGasUsed }) => cumulativeGasUsed)).toEqual([21_000n, 42_000n]);
  });

  const refusals: [string, Partial<TransactionSerializable>, new (...args: never[]) => Error][] = [
    ['a nonce from the past', { nonce: 0 }, NonceTooLowError],
    ['a nonce from the future', { nonce: 9 }, NonceTooHighError],
    ['more value than there is', { value: parseEther('10001') }, InsufficientFundsError],
    ['less gas than bytes cost', { gas: 20_999n }, IntrinsicGasTooLowError],
    ['a price below the base fee', { maxFeePerGas: 1n, maxPriorityFeePerGas: 0n }, FeeCapTooLowError],
    ['a tip above the price', { maxPriorityFeePerGas: parseGwei('3') }, TipAboveFeeCapError],
  ];
  it.each(refusals)('are refused with messages that viem recognises: %s', async (_what, fields, expected) => {
    const chain = createTestNode();
    await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
    const before = await chain.node.request('payable_stateDigest', []);
    const sending = chain.wallet.sendTransaction({ ...transfer, nonce: 1, ...fields } as never);
    const error: unknown = await sending.catch((cause: unknown) => cause);
    expect(error instanceof BaseError && error.walk((cause) => cause instanceof expected)).toBeInstanceOf(expected);
    expect(await chain.node.request('payable_stateDigest', [])).toEqual(before);
    expect(await chain.reader.getBlockNumber()).toBe(1n);
  });

  it.each([
    ['of another chain', { ...transfer, chainId: 1 }, /invalid chain id/],
    ['with too much gas', { ...transfer, gas: 16_777_217n }, /at most 16777216 gas/],
    [
      'with blobs',
      { ...transfer, type: 'eip4844', blobVersionedHashes: [`0x01${'00'.repeat(31)}`], maxFeePerBlobGas: 1n },
      /type not valid/,
    ],
    ['larger than 128 KiB', { ...transfer, gas: 16_000_000n, data: `0x${'00'.repeat(131_000)}` }, /too long|oversized/],
  ])('are refused: one %s', async (_what, fields, message) => {
    const { node } = createTestNode();
    const raw = await alice.signTransaction(fields as TransactionSerializable);
    expect(await node.request('eth_sendRawTransaction', [raw])).toMatchObject({
      error: { message: expect.stringMatching(message) },
    });
  });

  it('are refused when sent twice, damaged, or not hex', async () => {
    const { node } = createTestNode();
    const raw = await alice.signTransaction(transfer);
    expect(await node.request('eth_sendRawTransaction', [raw])).toHaveProperty('result');
    for (const [value, message] of [
      [raw, /already known/],
      [`${raw.slice(0, -2)}00`, /.+/],
      ['0x', /empty/],
      ['0x02', /decoded/],
      ['0xzz', /must be bytes/],
      [7, /must be bytes/],
    ] as const) {
      expect(await node.request('eth_sendRawTransaction', [value])).toMatchObject({
        error: { message: expect.stringMatching(message) },
      });
    }
  });
});

describe('calls', () => {
  const abi = parseAbi(['error Broke(address who, uint256 missing)', 'function pay()']);

  it('revert with data that viem decodes into the custom error', async () => {
    const chain = createTestNode();
    const address = await deploy(chain, REVERTER);
    const data = encodeErrorResult({ abi, errorName: 'Broke', args: [alice.address, 5n] });
    const { error } = (await chain.node.request('eth_call', [{ to: address, data }, 'latest'])) as { error: unknown };
    expect(error).toEqual({ code: 3, message: 'execution reverted', data });
    expect(await chain.node.request('eth_estimateGas', [{ to: address, data }])).toEqual({ error });

    // A reverter that always gives `Broke`: PUSH the data instead of copying call data.
    const chunks = data.slice(2).match(/.{1,64}/g)!;
    const stores = chunks.map(
      (chunk, at) => `7f${chunk.padEnd(64, '0')}60${(at * 32).toString(16).padStart(2, '0')}52`,
    );
    const broke = await deploy(chain, `${stores.join('')}60${((data.length - 2) / 2).toString(16)}5ffd`);
    const caught: unknown = await chain.reader
      .simulateContract({ address: broke, abi, functionName: 'pay' })
      .catch((cause: unknown) => cause);
    const reverted = (caught as BaseError).walk((cause) => cause instanceof ContractFunctionRevertedError);
    expect((reverted as ContractFunctionRevertedError).data).toMatchObject({
      errorName: 'Broke',
      args: [alice.address, 5n],
    });
  });

  it('change nothing, not even what later storage writes cost', async () => {
    const chain = createTestNode();
    const to = await deploy(chain, COUNTER);
    const before = await chain.node.request('payable_stateDigest', []);
    for (let at = 0; at < 3; at++) {
      expect(await chain.reader.call({ to })).toEqual({ data: numberToHex(1, { size: 32 }) });
    }
    expect(await chain.node.request('payable_stateDigest', [])).toEqual(before);
    const used = async () => {
      const hash = await chain.wallet.sendTransaction({ to, gas: 100_000n });
      return (await chain.reader.getTransactionReceipt({ hash })).gasUsed;
    };
    expect((await used()) - (await used())).toBe(17_100n);
  });

  it('may name anyone as the caller, even a contract, and create', async () => {
    const chain = createTestNode();
    const contract = await deploy(chain, COUNTER);
    // CALLER as the returned word.
    const who = await deploy(chain, '335f5260205ff3');
    const { data } = await chain.reader.call({ to: who, account: contract });
    expect(data).toBe(`0x${contract.slice(2).padStart(64, '0')}`);
    expect(await chain.reader.call({ data: initCode(COUNTER) })).toEqual({ data: `0x${COUNTER}` });
  });

  it('cannot send more than the balance', async () => {
    const { node } = createTestNode();
    const poor = privateKeyToAccount(numberToHex(99, { size: 32 })).address;
    for (const method of ['eth_call', 'eth_estimateGas']) {
      expect(await node.request(method, [{ from: poor, to: bob.address, value: '0x1' }])).toMatchObject({
        error: { message: expect.stringContaining('insufficient funds') },
      });
    }
  });

  it('that stop the interpreter fail with a message and do no lasting harm', async () => {
    const chain = createTestNode();
    const counter = await deploy(chain, COUNTER);
    // Stores 1 for the transaction (TSTORE), then asks the precompile for blobs, two calls deep.
    const inner = await deploy(chain, '60015f5d5f5f5f5f600a5afa50');
    const outer = await deploy(chain, `5f5f5f5f5f73${inner.slice(2)}5af150`);
    const before = await chain.node.request('payable_stateDigest', []);
    const gone = { error: { message: expect.stringContaining('(0x0a) is not here') } };
    for (const method of ['eth_call', 'eth_estimateGas']) {
      expect(await chain.node.request(method, [{ from: alice.address, to: outer }])).toMatchObject(gone);
    }
    const sending = chain.wallet.sendTransaction({ to: outer, gas: 200_000n });
    await expect(sending).rejects.toThrow('(0x0a) is not here');
    expect(await chain.node.request('payable_stateDigest', [])).toEqual(before);
    const hash = await chain.wallet.sendTransaction({ to: counter, gas: 100_000n });
    expect(await chain.reader.getTransactionReceipt({ hash })).toMatchObject({ status: 'success', blockNumber: 4n });
  });

  it('that run out of gas say so', async () => {
    const chain = createTestNode();
    const to = await deploy(chain, '5b5f56');
    expect(await chain.node.request('eth_call', [{ to, gas: '0x10000' }])).toMatchObject({
      error: { message: 'gas required exceeds allowance (65536)' },
    });
  });
});

describe('estimates', () => {
  it('are exact for transfers and enough for the rest, refunds and forwarded gas included', async () => {
    const chain = createTestNode();
    expect(await chain.reader.estimateGas({ account: alice, to: bob.address, value: 1n })).toBe(21_000n);
    // Clears slot 0 when call data is empty, else sets it: the refund makes less be spent than is needed.
    const to = await deploy(chain, '365f5500');
    for (const data of ['0x01', '0x'] as const) {
      const gas = await chain.reader.estimateGas({ account: alice, to, data });
      const hash = await chain.wallet.sendTransaction({ to, data, gas });
      expect(await chain.reader.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
    }
  });

  it('take effect of EIP-7702 authorisations into account', async () => {
    const chain = createTestNode();
    const counter = await deploy(chain, COUNTER);
    const authorization = await chain.wallet.signAuthorization({ account: bob, contractAddress: counter });
    const hash = await chain.wallet.sendTransaction({ to: bob.address, authorizationList: [authorization] });
    const receipt = await chain.reader.getTransactionReceipt({ hash });
    expect(receipt).toMatchObject({ status: 'success', type: 'eip7702' });
    expect(receipt.logs).toHaveLength(1);
    expect(await chain.reader.getCode(bob)).toBe(`0xef0100${counter.slice(2)}`);
    expect(await chain.reader.getStorageAt({ ...bob, slot: '0x0' })).toBe(numberToHex(1, { size: 32 }));
  });
});

describe('logs', () => {
  it('are found by range, address and topics', async () => {
    const chain = createTestNode();
    const [first, second] = [await deploy(chain, COUNTER), await deploy(chain, COUNTER)];
    const topic = (value: number) => numberToHex(value, { size: 32 });
    for (const [to, value] of [
      [first, 1],
      [second, 1],
      [first, 2],
    ] as const) {
      await chain.wallet.sendTransaction({ to, data: topic(value), gas: 100_000n });
    }
    const find = async (filter: object) => {
      const answer = await chain.node.request('eth_getLogs', [{ fromBlock: '0x0', ...filter }]);
      return (answer as { result: { blockNumber: Hex }[] }).result.map(({ blockNumber }) => Number(blockNumber));
    };
    expect(await find({})).toEqual([3, 4, 5]);
    expect(await find({ fromBlock: '0x4' })).toEqual([4, 5]);
    expect(await find({ toBlock: '0x4' })).toEqual([3, 4]);
    expect(await find({ fromBlock: '0x5', toBlock: '0x3' })).toEqual([]);
    expect(await find({ address: first })).toEqual([3, 5]);
    expect(await find({ address: [first, second], topics: [topic(1)] })).toEqual([3, 4]);
    expect(await find({ topics: [[topic(2), topic(7)]] })).toEqual([5]);
    expect(await find({ topics: [null] })).toEqual([3, 4, 5]);
    expect(await find({ topics: [null, null] })).toEqual([]);
    const { hash } = await chain.reader.getBlock({ blockNumber: 4n });
    const byHash = await chain.node.request('eth_getLogs', [{ blockHash: hash }]);
    expect(byHash).toMatchObject({ result: [{ blockNumber: '0x4', logIndex: '0x0' }] });
  });
});

describe('time', () => {
  it('is the host’s, can be advanced, and is always after the parent’s', async () => {
    let now = (GENESIS_SECONDS + 10) * 1000;
    const { node, reader, test } = createTestNode({ now: () => now });
    const mined = async () => {
      await node.request('evm_mine', []);
      return Number((await reader.getBlock()).timestamp) - GENESIS_SECONDS;
    };
    expect(await mined()).toBe(10);
    expect(await mined()).toBe(11);
    await test.increaseTime({ seconds: 1000 });
    expect(await mined()).toBe(1010);
    await test.setNextBlockTimestamp({ timestamp: BigInt(GENESIS_SECONDS + 5000) });
    expect(await mined()).toBe(5000);
    now += 3000;
    expect(await mined()).toBe(5003);
  });
});

describe('snapshots', () => {
  it('restore everything: state, blocks, receipts, logs, nonces', async () => {
    const chain = createTestNode();
    const to = await deploy(chain, COUNTER);
    const digest = await chain.node.request('payable_stateDigest', []);
    const id = await chain.test.snapshot();
    const inner = await chain.test.snapshot();
    const hash = await chain.wallet.sendTransaction({ to, gas: 100_000n });
    const { gasUsed } = await chain.reader.getTransactionReceipt({ hash });
    await chain.reader.call({ to });
    await chain.test.revert({ id });
    expect(await chain.node.request('payable_stateDigest', [])).toEqual(digest);
    expect(await chain.reader.getBlockNumber()).toBe(1n);
    expect(await chain.node.request('eth_getTransactionReceipt', [hash])).toEqual({ result: null });
    expect(await chain.node.request('eth_getLogs', [{ fromBlock: '0x0' }])).toEqual({ result: [] });
    expect(await chain.node.request('evm_revert', [inner])).toEqual({ result: false });
    // What a call saw before the revert must not make the same write cheaper after it.
    const again = await chain.wallet.sendTransaction({ to, gas: 100_000n });
    expect(await chain.reader.getTransactionReceipt({ hash: again })).toMatchObject({ gasUsed, blockNumber: 2n });
  });
});

describe('the faucet', () => {
  it('gives native coin as a withdrawal, in a separate block', async () => {
    const chain = createTestNode();
    const fresh = privateKeyToAccount(numberToHex(7, { size: 32 }));
    const given = await chain.node.request('payable_faucet', [fresh.address]);
    expect(given).toEqual({ result: { blockNumber: '0x1', amountWei: numberToHex(parseEther('10')) } });
    expect(await chain.reader.getBalance(fresh)).toBe(parseEther('10'));
    const { withdrawals, transactions } = await chain.reader.getBlock();
    expect(transactions).toEqual([]);
    expect(withdrawals).toMatchObject([{ address: fresh.address.toLowerCase(), amount: numberToHex(10n ** 10n) }]);
    expect(await chain.node.request('payable_faucet', [alice.address])).toMatchObject({
      error: { message: expect.stringContaining('gives nothing') },
    });
  });
});

describe('the queue', () => {
  it('runs concurrent requests one after the other', async () => {
    const { node, reader } = createTestNode();
    const raws = await Promise.all([0, 1, 2, 3].map((nonce) => alice.signTransaction({ ...transfer, nonce })));
    const answers = await Promise.all(raws.map((raw) => node.request('eth_sendRawTransaction', [raw])));
    for (const answer of answers) expect(answer).toHaveProperty('result');
    expect(await reader.getTransactionCount(alice)).toBe(4);
  });
});

it('gives contracts the addresses that follow from their creators’ nonces', async () => {
  const chain = createTestNode();
  expect(await deploy(chain, COUNTER)).toBe(getContractAddress({ from: alice.address, nonce: 0n }).toLowerCase());
  expect(await chain.reader.getCode(carol)).toBeUndefined();
});
