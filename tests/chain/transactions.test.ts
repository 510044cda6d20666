// The states of a transaction on real chains: what is shown at every step, what a crash leaves, and every event between sending
// and safety.

import { custom, http, parseEther, parseGwei, UserRejectedRequestError, type Hex } from 'viem';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { previewStep } from '#lib/chain/tx/plan.ts';
import { embedded } from '#lib/chain/chains.ts';
import { RecordsStorageError } from '#lib/chain/errors.ts';
import { quoteFee } from '#lib/chain/tx/fees.ts';
import oracle from '#lib/chain/deploy/l1-fee-oracle.json' with { type: 'json' };
import type { TxRecord } from '#lib/chain/tx/record.ts';
import { resumeTransactions, runPlan } from '#lib/chain/tx/run.ts';
import { startAnvil } from '../support/anvil.ts';
import { contextOver, createTestHost, runToEnd, type TestContext } from '../support/chain-context.ts';
import { alice, bob, createTestNode, initCode, REVERTER } from '../support/embedded-chain.ts';

const send = (to: Hex, valueWei = 1n, data: Hex = '0x'): ActionPlan => ({
  verb: 'send',
  from: alice.address,
  steps: [{ verb: 'send', explanation: 'Alice sends ether', to, data, valueWei }],
});

async function statuses(records: AsyncIterable<TxRecord>) {
  const seen: string[] = [];
  for await (const { state } of records) seen.push(state.status);
  return seen;
}

describe.each(['embedded', 'anvil'])('on %s', (where) => {
  let context: TestContext;
  let stop = async () => {};
  beforeAll(async () => {
    if (where === 'embedded') {
      const { provider } = createTestNode();
      context = contextOver(custom(provider, { retryCount: 0 }), alice);
    } else {
      const anvil = await startAnvil(embedded.id);
      stop = () => anvil.stop();
      context = contextOver(http(anvil.url, { retryCount: 0 }), alice, 'devnet');
    }
  });
  afterAll(() => stop());

  it('goes from simulation to safety, and stores every step', async () => {
    const host = createTestHost();
    expect(await statuses(runPlan(context, send(bob.address), host))).toEqual([
      'simulating',
      'awaiting-signature',
      'submitted',
      'included',
      'safe',
    ]);
    const [kept] = await host.store.list(embedded.id);
    expect(kept).toMatchObject({
      verb: 'send',
      from: alice.address,
      nonce: 0,
      state: { status: 'safe', gasUsed: 21_000 },
    });
    expect(await context.read.getBalance(bob)).toBe(parseEther('10000') + 1n);
  });

  it('shows why a simulation failed, and requests no signature', async () => {
    const { contractAddress } = await context.read.waitForTransactionReceipt({
      hash: await (await context.signer()).sendTransaction({ data: initCode(REVERTER) }),
    });
    const host = createTestHost();
    const plan = send(contractAddress!, 0n, '0xdeadbeef');
    expect(await statuses(runPlan(context, plan, host))).toEqual(['simulating', 'simulation-failed']);
    const [kept] = await host.store.list(embedded.id);
    expect(kept!.state).toMatchObject({ failure: { name: '0xdeadbeef' } });
    const preview = await previewStep(context, alice.address, plan.steps[0]);
    expect(preview).toMatchObject({ ok: false, failure: { name: '0xdeadbeef' } });
  });

  it('reports insufficient ether', async () => {
    const [record] = await runToEnd(context, send(bob.address, parseEther('1000000')));
    expect(record!.state.status).toBe('simulation-failed');
    expect((record!.state as { failure: { message: string } }).failure.message).toMatch(/ether|funds/);
  });

  it('shows no error for a declined request, and shows other wallet errors', async () => {
    const answer = (error: Error): TestContext => ({
      ...context,
      signer: async () => ({ ...(await context.signer()), sendTransaction: () => Promise.reject(error) }),
    });
    const [no] = await runToEnd(answer(new UserRejectedRequestError(new Error('no'))), send(bob.address));
    expect(no!.state).toEqual({ status: 'rejected' });
    const [broken] = await runToEnd(answer(new Error('The battery is empty')), send(bob.address));
    expect(broken!.state).toMatchObject({ status: 'not-sent', failure: { message: 'The battery is empty' } });
  });

  it('finds a transaction whose hash was lost in a crash, and sends nothing twice', async () => {
    const host = createTestHost();
    const before = await context.read.getTransactionCount(alice);
    for await (const record of runPlan(context, send(bob.address, 7n), host)) {
      if (record.state.status !== 'awaiting-signature') continue;
      // The process dies here; the wallet does not.
      await (await context.signer()).sendTransaction({ to: bob.address, value: 7n });
      break;
    }
    expect(await statuses(resumeTransactions(context, host))).toEqual(['submitted', 'included', 'safe']);
    expect(await statuses(resumeTransactions(context, host))).toEqual([]);
    expect(await context.read.getTransactionCount(alice)).toBe(before + 1);
  });

  it('drops a record that was never sent', async () => {
    const host = createTestHost();
    for await (const record of runPlan(context, send(bob.address), host)) {
      if (record.state.status === 'awaiting-signature') break;
    }
    expect(await statuses(resumeTransactions(context, host))).toEqual(['dropped']);
  });

  it('leaves a record that another tab follows', async () => {
    const host = createTestHost();
    for await (const { state } of runPlan(context, send(bob.address), host)) {
      if (state.status === 'awaiting-signature') break;
    }
    expect(await statuses(resumeTransactions(context, { ...host, isInHand: async () => true }))).toEqual([]);
    expect(await statuses(resumeTransactions(context, host))).toEqual(['dropped']);
  });

  it('finds a transaction with a later nonce, because another tab was faster, and only once', async () => {
    const host = createTestHost();
    const signer = await context.signer();
    for await (const { state } of runPlan(context, send(bob.address, 9n), host)) {
      if (state.status === 'awaiting-signature') break;
    }
    await runToEnd(context, send(bob.address, 8n));
    await signer.sendTransaction({ to: bob.address, value: 9n });
    // The same call again, by another record that knows its hash.
    await runToEnd(context, send(bob.address, 9n), host);
    expect(await statuses(resumeTransactions(context, host))).toEqual(['submitted', 'included', 'safe']);
    const hashes = (await host.store.list(context.chain.id)).map(({ state }) => 'hash' in state && state.hash);
    expect(new Set(hashes).size).toBe(2);
  });

  it('follows a sent transaction even when it cannot be stored, and reports that at the end', async () => {
    const host = createTestHost();
    const { put } = host.store;
    const seen: string[] = [];
    const run = async () => {
      for await (const { state } of runPlan(context, send(bob.address, 6n), host)) {
        seen.push(state.status);
        if (state.status === 'awaiting-signature') {
          host.store.put = async () => {
            throw new RecordsStorageError(new DOMException('full', 'QuotaExceededError'));
          };
        }
      }
    };
    await expect(run()).rejects.toThrow('no room left to note');
    expect(seen).toEqual(['simulating', 'awaiting-signature', 'submitted', 'included', 'safe']);
    // After a reload, with room again, it is found on the chain and not lost.
    host.store.put = put;
    expect(await statuses(resumeTransactions(context, host))).toEqual(['submitted', 'included', 'safe']);
  });

  it('resumes a submitted one after a reload', async () => {
    const host = createTestHost();
    for await (const record of runPlan(context, send(bob.address), host)) {
      if (record.state.status === 'submitted') break;
    }
    expect(await statuses(resumeTransactions(context, host))).toEqual(['included', 'safe']);
  });
});

describe('between sending and safety, on anvil', () => {
  let anvil: Awaited<ReturnType<typeof startAnvil>>;
  let context: TestContext;
  /** Runs once, after the chain has answered this method for the first time. */
  let after: { method: string; act(): Promise<unknown> } | null;
  beforeEach(async () => {
    anvil = await startAnvil(embedded.id, ['--no-mining', '--order', 'fifo']);
    after = null;
    const { request } = http(anvil.url, { retryCount: 0 })({ chain: embedded });
    const transport = custom({
      async request(call: { method: string; params?: unknown }) {
        const found = after?.method === call.method ? after : null;
        if (found) after = null;
        const answer = await request(call as never).finally(() => found?.act());
        return answer;
      },
    });
    context = contextOver(transport, alice, 'devnet');
  });
  afterEach(() => anvil.stop());

  const fees = { maxFeePerGas: parseGwei('50'), maxPriorityFeePerGas: parseGwei('20') };

  /** Runs a plan and calls `meanwhile` once it is submitted. */
  async function during(plan: ActionPlan, act: (record: TxRecord) => Promise<unknown>, safety = 1) {
    const seen: TxRecord[] = [];
    for await (const record of runPlan(context, plan, createTestHost(), { safety, patienceMs: 1500 })) {
      seen.push(record);
      if (record.state.status === 'submitted' && seen.length === 3) await act(record);
    }
    return { path: seen.map(({ state }) => state.status), last: seen.at(-1)!.state };
  }

  it.each([
    ['repriced', bob.address, 1n, 'safe'],
    ['cancelled', alice.address, 0n, 'replaced'],
    ['replaced', bob.address, 5n, 'replaced'],
  ] as const)('notices that it was %s', async (how, to, value, end) => {
    const { path, last } = await during(send(bob.address), async ({ state }) => {
      expect(state.status).toBe('submitted');
      // The follower must see it in the pool first.
      const act = async () => {
        await (await context.signer()).sendTransaction({ to, value, nonce: 0, gas: 21_000n, ...fees });
        await context.test.mine({ blocks: 1 });
      };
      after = { method: 'eth_getTransactionByHash', act };
    });
    expect(path).toContain('replaced');
    expect(last.status).toBe(end);
    if (last.status === 'replaced') expect(last.how).toBe(how);
  });

  it('detects that it was dropped', async () => {
    const { path } = await during(send(bob.address), ({ state }) =>
      context.test.dropTransaction({ hash: (state as { hash: Hex }).hash }),
    );
    expect(path.at(-1)).toBe('dropped');
  });

  it('decodes why it was reverted although the simulation had passed', async () => {
    const signer = await context.signer();
    const hash = await signer.sendTransaction({ data: initCode('5f355f5260043610600d57005b60205ffd') });
    await context.test.mine({ blocks: 1 });
    const { contractAddress } = await context.read.getTransactionReceipt({ hash });
    const { path, last } = await during(send(contractAddress!, 0n, '0x11223344'), async () => {
      await context.test.setCode({ address: contractAddress!, bytecode: `0x${REVERTER}` });
      await context.test.mine({ blocks: 1 });
    });
    expect(path.at(-1)).toBe('reverted');
    expect(last).toMatchObject({ failure: { name: '0x11223344' }, blockNumber: 2 });
  });

  it('goes back when a reorganisation removes its block, and on when another includes it', async () => {
    const snapshot = await context.test.snapshot();
    const path: string[] = [];
    let raw: Hex | undefined;
    for await (const { state } of runPlan(context, send(bob.address), createTestHost(), { safety: 3 })) {
      path.push(state.status);
      if (state.status === 'submitted' && !raw) {
        raw = await context.read.request({ method: 'eth_getRawTransactionByHash', params: [state.hash] } as never);
        await context.test.mine({ blocks: 1 });
      } else if (state.status === 'included' && !path.slice(3, -1).includes('submitted')) {
        await context.test.revert({ id: snapshot });
        // Another block first, so that the heights differ; the transaction is sent again, as a pool would do.
        await context.test.mine({ blocks: 1 });
        const act = async () => {
          await context.read.sendRawTransaction({ serializedTransaction: raw! });
          await context.test.mine({ blocks: 5 });
        };
        after = { method: 'eth_getTransactionReceipt', act };
      }
    }
    expect(path.slice(2)).toEqual(['submitted', 'included', 'submitted', 'included', 'safe']);
  });
});

it('finds a late receipt even if no block follows', { timeout: 20_000 }, async () => {
  const { provider } = createTestNode();
  let hidden = 4;
  const late = custom(
    {
      async request(call: { method: string; params?: unknown }) {
        const answer = await provider.request(call);
        return call.method === 'eth_getTransactionReceipt' && hidden-- > 0 ? null : answer;
      },
    },
    { retryCount: 0 },
  );
  const [record] = await runToEnd(contextOver(late, alice), send(bob.address));
  expect(record!.state.status).toBe('safe');
  expect(hidden).toBeLessThan(0);
});

it('estimates L1 costs on OP-Stack chains, and charges them only on a rollup', async () => {
  const anvil = await startAnvil(embedded.id);
  try {
    const context = contextOver(http(anvil.url), alice, 'devnet');
    const call = { to: bob.address, data: '0x', valueWei: 1n } as const;
    const plain = await quoteFee(context, alice.address, call);
    expect(plain).toMatchObject({ gas: 21_000n, l1Wei: 0n, operatorWei: 0n, totalWei: plain.l2Wei });
    await context.test.setCode({ address: oracle.address as Hex, bytecode: oracle.code as Hex });
    const quoted = await quoteFee(context, alice.address, call);
    expect(quoted.l1Wei).toBeGreaterThan(0n);
    expect(quoted).toMatchObject({ belowIsCharged: false, totalWei: quoted.l2Wei });
    const charged = await quoteFee({ ...context, mode: 'l2' }, alice.address, call);
    expect(charged.totalWei).toBe(charged.l2Wei + charged.l1Wei + charged.operatorWei);
  } finally {
    await anvil.stop();
  }
});
