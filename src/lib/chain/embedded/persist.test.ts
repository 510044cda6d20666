// After a reload, a full disk, a torn write or a changed file: the same chain, or a refusal with a message.

import { numberToHex, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import {
  alice,
  bob,
  COUNTER,
  createTestNode,
  GENESIS_SECONDS,
  initCode,
  testGenesis,
} from '#tests/support/embedded-chain.ts';
import { RESET_WORD, type EmbeddedNode, type ImportEvent } from './node.ts';
import { createMemoryStore, SNAPSHOT_EVERY, type ChainStore } from './persist.ts';

const digestOf = (node: EmbeddedNode) => node.request('payable_stateDigest', []);
const headOf = async (node: EmbeddedNode) =>
  ((await node.request('eth_getBlockByNumber', ['latest', false])) as { result: { hash: Hex; number: Hex } }).result;

/** A store that fails on demand and records its calls. */
function createFaultyStore(inner: ChainStore) {
  const fault: { next: Error | null; appends: number; snapshots: number } = { next: null, appends: 0, snapshots: 0 };
  const store: ChainStore = {
    ...inner,
    async append(block, snapshot) {
      fault.appends++;
      if (snapshot) fault.snapshots++;
      const { next } = fault;
      fault.next = null;
      if (next) throw next;
      await inner.append(block, snapshot);
    },
  };
  return { store, fault };
}

/** A few blocks of every kind. */
async function fill({ node, wallet, reader }: ReturnType<typeof createTestNode>, counts: number) {
  const hash = await wallet.deployContract({ abi: [], bytecode: initCode(COUNTER) });
  const { contractAddress } = await reader.getTransactionReceipt({ hash });
  await node.request('payable_faucet', [numberToHex(99, { size: 20 })]);
  await node.request('evm_increaseTime', [500]);
  const authorization = await wallet.signAuthorization({ account: bob, contractAddress: contractAddress! });
  await wallet.sendTransaction({ to: bob.address, authorizationList: [authorization], gas: 200_000n });
  for (let at = 0; at < counts; at++) {
    await wallet.sendTransaction({ to: contractAddress!, data: numberToHex(at, { size: 32 }), gas: 100_000n });
  }
}

async function importFile(node: EmbeddedNode, file: Uint8Array, signal?: AbortSignal) {
  const events: ImportEvent[] = [];
  for await (const event of node.importChain(file, signal)) events.push(event);
  return events;
}

describe('a reload', () => {
  it.each([0, SNAPSHOT_EVERY])('finds the same head, state, receipts and logs after 3 + %i blocks', async (counts) => {
    const store = createMemoryStore();
    const first = createTestNode({ store });
    await fill(first, counts);
    const second = createTestNode({ store });
    expect(await headOf(second.node)).toEqual(await headOf(first.node));
    expect(await digestOf(second.node)).toEqual(await digestOf(first.node));
    for (const [method, params] of [
      ['eth_getLogs', [{ fromBlock: '0x0' }]],
      ['eth_getBlockReceipts', ['0x1']],
      ['eth_getBlockByNumber', ['0x2', true]],
      ['eth_getTransactionCount', [alice.address]],
    ] as const) {
      const [before, after] = [await first.node.request(method, params), await second.node.request(method, params)];
      expect(after, method).toEqual(before);
      expect(after, method).toHaveProperty('result');
    }
    // And the chain goes on from there, in time too.
    await second.wallet.sendTransaction({ to: bob.address, value: 1n, gas: 100_000n });
    const { timestamp } = await second.reader.getBlock();
    expect(Number(timestamp)).toBeGreaterThan(GENESIS_SECONDS + 500);
  });

  it('runs again only blocks after the stored state', async () => {
    const { store, fault } = createFaultyStore(createMemoryStore());
    await fill(createTestNode({ store }), SNAPSHOT_EVERY);
    expect(fault.snapshots).toBe(1);
    const kept = await store.load();
    expect(kept.snapshot?.number).toBe(SNAPSHOT_EVERY);
    expect(kept.blocks).toHaveLength(SNAPSHOT_EVERY + 3);
  });

  it('persists a revert, also to before a stored state', async () => {
    const store = createMemoryStore();
    const first = createTestNode({ store });
    const id = await first.test.snapshot();
    await fill(first, SNAPSHOT_EVERY);
    await first.test.revert({ id });
    await first.wallet.sendTransaction({ to: bob.address, value: 5n });
    const second = createTestNode({ store });
    expect(await headOf(second.node)).toEqual(await headOf(first.node));
    expect(await digestOf(second.node)).toEqual(await digestOf(first.node));
  });
});

describe('storage that fails', () => {
  it('refuses the transaction with a message and changes nothing', async () => {
    const { store, fault } = createFaultyStore(createMemoryStore());
    const chain = createTestNode({ store });
    await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
    const [head, digest] = [await headOf(chain.node), await digestOf(chain.node)];
    const raw = await chain.wallet.signTransaction(
      await chain.wallet.prepareTransactionRequest({ to: bob.address, value: 2n }),
    );
    fault.next = new DOMException('Encountered full disk.', 'QuotaExceededError');
    expect(await chain.node.request('eth_sendRawTransaction', [raw])).toMatchObject({
      error: { code: -32000, message: expect.stringMatching(/no room left.*not made.*Free some space/) },
    });
    expect([await headOf(chain.node), await digestOf(chain.node)]).toEqual([head, digest]);
    expect(await headOf(createTestNode({ store }).node)).toEqual(head);

    fault.next = new Error('The disk is on fire');
    expect(await chain.node.request('payable_faucet', [numberToHex(5, { size: 20 })])).toMatchObject({
      error: { message: expect.stringContaining('could not be kept') },
    });
    // Once there is room the very same transaction goes through, once.
    expect(await chain.node.request('eth_sendRawTransaction', [raw])).toHaveProperty('result');
    expect(await digestOf(createTestNode({ store }).node)).toEqual(await digestOf(chain.node));
  });

  it('keeps a stored block when the response was lost', async () => {
    const inner = createMemoryStore();
    const lost: ChainStore = {
      ...inner,
      // The block is written, and the process dies before it can say so.
      append: async (block, snapshot) => {
        await inner.append(block, snapshot);
        throw new Error('killed');
      },
    };
    const first = createTestNode({ store: lost });
    const raw = await alice.signTransaction({
      ...{ chainId: testGenesis.chainId, type: 'eip1559', nonce: 0, gas: 21_000n, to: bob.address, value: 1n },
      maxFeePerGas: 2_000_000_000n,
    });
    await first.node.request('eth_sendRawTransaction', [raw]);
    const second = createTestNode({ store: inner });
    expect((await headOf(second.node)).number).toBe('0x1');
    expect(await second.node.request('eth_sendRawTransaction', [raw])).toMatchObject({
      error: { message: expect.stringContaining('already known') },
    });
  });

  it('keeps one chain when a block was written but its write reported a failure', async () => {
    const inner = createMemoryStore();
    let lost = true;
    const store: ChainStore = {
      ...inner,
      append: async (block, snapshot) => {
        await inner.append(block, snapshot);
        if (lost) throw new Error('the answer got lost');
      },
    };
    const first = createTestNode({ store });
    await expect(first.wallet.sendTransaction({ to: bob.address, value: 1n })).rejects.toThrow('could not be kept');
    lost = false;
    await first.wallet.sendTransaction({ to: bob.address, value: 2n });
    expect(await headOf(createTestNode({ store: inner }).node)).toEqual(await headOf(first.node));
  });
});

describe('stored blocks that were changed', () => {
  type Kept = Awaited<ReturnType<ChainStore['load']>>;
  it.each<[string, (kept: Kept) => void, RegExp]>([
    [
      'a changed transaction',
      ({ blocks }) => (blocks[4]!.raw = [...blocks[5]!.raw]),
      /Block 5 .* cannot be trusted: nonce/,
    ],
    ['a missing block', ({ blocks }) => blocks.splice(2, 1), /does not follow its parent/],
    ['a changed credit', ({ blocks }) => (blocks[1]!.credits[0]!.amount = '0xffff'), /gives another block/],
    ['another genesis', (kept) => (kept.genesis = `0x${'00'.repeat(32)}`), /stands on genesis/],
  ])('are refused: %s; a reset helps', async (_what, change, message) => {
    const store = createMemoryStore();
    await fill(createTestNode({ store }), 4);
    const kept = await store.load();
    change(kept);
    await store.replace(kept.genesis!, kept);
    const { node } = createTestNode({ store });
    expect(await node.request('eth_blockNumber', [])).toMatchObject({
      error: { message: expect.stringMatching(message) },
    });
    await expect(node.reset('yes')).rejects.toThrow(`say "${RESET_WORD}"`);
    await node.reset(RESET_WORD);
    expect(await node.request('eth_blockNumber', [])).toEqual({ result: '0x0' });
    expect((await store.load()).blocks).toEqual([]);
  });
});

describe('export and import', () => {
  it('copy a chain to another machine, which stores it', async () => {
    const first = createTestNode();
    await fill(first, 5);
    const file = await first.node.exportChain();
    const store = createMemoryStore();
    const second = createTestNode({ store });
    await second.wallet.sendTransaction({ to: bob.address, value: 1n });
    const events = await importFile(second.node, file);
    expect(events.at(-1)).toMatchObject({ type: 'done', head: { number: '0x8' } });
    for (const node of [second.node, createTestNode({ store }).node]) {
      expect(await headOf(node)).toEqual(await headOf(first.node));
      expect(await digestOf(node)).toEqual(await digestOf(first.node));
    }
  });

  const text = (file: Uint8Array) => new TextDecoder().decode(file);
  it.each<[string, (file: Uint8Array) => Uint8Array | string, RegExp]>([
    ['cut short', (file) => file.slice(0, file.length - 40), /damaged or cut short/],
    ['one digit changed', (file) => text(file).replace('0x02', '0x03'), /damaged/],
    ['another version', (file) => text(file).replace('chain@1', 'chain@2'), /format/],
    ['another head', (file) => text(file).replace(/"head":"0x../, '"head":"0x00'), /do not lead to the head/],
    ['another state', (file) => text(file).replace(/"state":"0x../, '"state":"0x00'), /do not lead to the head/],
    ['another genesis', (file) => text(file).replace(/"genesis":"0x../, '"genesis":"0x00'), /stands on genesis/],
    ['no JSON', () => 'hello', /not JSON/],
    ['nothing', () => '', /not JSON/],
    ['null', () => 'null\nnull', /format/],
  ])('refuse a file with a fault and change nothing: %s', async (_what, change, message) => {
    const first = createTestNode();
    await fill(first, 1);
    const before = await headOf(first.node);
    const changed = change(await first.node.exportChain());
    const file = typeof changed === 'string' ? new TextEncoder().encode(changed) : changed;
    await expect(importFile(first.node, file)).rejects.toThrow(message);
    expect(await headOf(first.node)).toEqual(before);
  });

  it('stop on abort, with nothing changed', async () => {
    const first = createTestNode();
    await fill(first, 3);
    const file = await first.node.exportChain();
    const second = createTestNode();
    await expect(importFile(second.node, file, AbortSignal.abort())).rejects.toMatchObject({ code: 'core/aborted' });
    expect((await headOf(second.node)).number).toBe('0x0');
  });
});
