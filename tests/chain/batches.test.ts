// Plans of several steps through wallets that send them as one batch: the device's wallet, and one that has its own batch ids and
// answers late. On the sandbox as shipped.

import {
  createPublicClient,
  createWalletClient,
  custom,
  keccak256,
  parseEther,
  stringToHex,
  type Address,
  type Transport,
} from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeRegistryAbi } from '#lib/chain/abi/node-registry.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { previewStep, type ActionPlan } from '#lib/chain/tx/plan.ts';
import { stake } from '#lib/chain/actions/staking/stake.ts';
import { embedded } from '#lib/chain/chains.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import { joinSteps } from '#lib/chain/tx/batch.ts';
import type { TxRecord } from '#lib/chain/tx/record.ts';
import { resumeTransactions, runPlan } from '#lib/chain/tx/run.ts';
import type { ApprovalRequest } from '#lib/chain/wallet/approval.ts';
import { createDeviceProvider } from '#lib/chain/wallet/device-provider.ts';
import { DeclinedError } from '#lib/chain/wallet/errors.ts';
import { createKeystore } from '#lib/chain/wallet/keystore.ts';
import { createTestHost } from '../support/chain-context.ts';
import { at, createSandbox } from '../support/sandbox.ts';
import { createTestWalletHost } from '../support/wallet-host.ts';

const PEER = keccak256(stringToHex('peer'));
type Request = { method: string; params?: unknown };
type Provider = { request(call: Request): Promise<unknown> };

/** Like some nodes: they refuse state overrides. */
const withoutOverrides = (inner: Transport): Transport => {
  const { request } = inner({ chain: embedded });
  return custom({
    request(call: Request) {
      const isTrial = /^eth_(call|estimateGas)$/.test(call.method) && (call.params as unknown[]).length > 2;
      return isTrial ? Promise.reject(new Error('too many arguments')) : request(call as never);
    },
  });
};

async function open(transportOf: (sandbox: Transport) => Transport = (sandbox) => sandbox) {
  const sandbox = await createSandbox();
  const { host } = createTestWalletHost();
  const keystore = createKeystore(host);
  const { address } = await keystore.create('device');
  await sandbox.giveEther(address);
  await sandbox.giveOpen(address, parseEther('2000'));
  const asked: ApprovalRequest[] = [];
  const user = { declines: false };
  const device = createDeviceProvider({
    keystore,
    deviceAccount: () => at.DeviceAccount,
    inTurn: host.inTurn,
    chains: [embedded],
    transports: { [embedded.id]: transportOf(sandbox.transport) },
    onChain: () => undefined,
    async approve(request) {
      asked.push(request);
      if (user.declines) throw new DeclinedError();
    },
  });
  const read = createPublicClient({ chain: embedded, transport: sandbox.transport, pollingInterval: 1 });
  const contextOf = (wallet: Provider): ChainContext => {
    const signer = async () =>
      createWalletClient({ chain: embedded, transport: custom(wallet, { retryCount: 0 }), account: address });
    return { mode: 'embedded', chain: embedded, read, addresses: at, signer, ready: signer };
  };
  return { address, device, asked, user, read, contextOf };
}

/** Another wallet: it has its own batch ids, and does not know a batch's outcome at first. */
function slowWallet(device: Provider, patience = 2) {
  const hashes = new Map<string, unknown>();
  const wallet = { polls: 0, fails: false };
  const provider: Provider = {
    async request(call) {
      if (call.method === 'wallet_sendCalls') {
        const id = `batch-${hashes.size}`;
        hashes.set(id, wallet.fails ? null : ((await device.request(call)) as { id: unknown }).id);
        return { id };
      }
      if (call.method !== 'wallet_getCallsStatus') return device.request(call);
      const [id] = call.params as [string];
      const about = { version: '2.0.0', id, chainId: `0x${embedded.id.toString(16)}`, atomic: true };
      if (wallet.polls++ < patience) return { ...about, status: 100, receipts: [] };
      if (wallet.fails) return { ...about, status: 400, receipts: [] };
      return { ...((await device.request({ ...call, params: [hashes.get(id)] })) as object), id };
    },
  };
  return { wallet, provider };
}

const staking = async (context: ChainContext, open = '1000'): Promise<ActionPlan> =>
  joinSteps(context, await stake(context, { amountWei: parseEther(open), peerId: PEER, caps: 0 }));

async function statuses(records: AsyncIterable<TxRecord>) {
  const seen: string[] = [];
  for await (const { state } of records) seen.push(state.status);
  return seen;
}

let world: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  world = await open();
});
const stakeOf = async (node: Address) => {
  const asked = { address: at.NodeRegistry, abi: nodeRegistryAbi, functionName: 'nodeOf', args: [node] } as const;
  return (await world.read.readContract(asked)).stake;
};

describe('the wallet of this device', () => {
  it('approves and stakes in one transaction, simulated and approved as one', async () => {
    const context = world.contextOf(world.device);
    const plan = await staking(context);
    expect(plan.steps).toHaveLength(1);
    expect(plan.steps[0].calls!.map(({ verb }) => verb)).toEqual(['approve', 'stake']);
    expect(plan.steps[0].explanation).toContain('; and you stake 1,000 OPEN');
    const preview = await previewStep(context, world.address, plan.steps[0]);
    if (!preview.ok) throw new Error(preview.failure.message);
    const host = createTestHost();
    expect(await statuses(runPlan(context, plan, host))).toEqual([
      'simulating',
      'awaiting-signature',
      'submitted',
      'included',
      'safe',
    ]);
    expect(world.asked).toHaveLength(1);
    expect(world.asked[0]).toMatchObject({ kind: 'transaction', delegatesTo: at.DeviceAccount });
    expect(await stakeOf(world.address)).toBe(parseEther('1000'));
    const allowance = { address: at.OpenToken, abi: openTokenAbi, functionName: 'allowance' } as const;
    expect(await world.read.readContract({ ...allowance, args: [world.address, at.NodeRegistry] })).toBe(0n);
    const [kept] = await host.store.list(embedded.id);
    const { gasUsed } = kept!.state as { gasUsed: number };
    // The announced fee covers the actual one, with little to spare.
    expect(Number(preview.fee.gas)).toBeGreaterThanOrEqual(gasUsed);
    expect(Number(preview.fee.gas)).toBeLessThan(gasUsed * 1.2);
    // Nor does the user approve much more.
    const { maxFeeWei } = world.asked[0] as ApprovalRequest & { kind: 'transaction' };
    expect(Number(maxFeeWei)).toBeGreaterThan(Number(preview.fee.totalWei));
    expect(Number(maxFeeWei)).toBeLessThan(3 * Number(preview.fee.totalWei));
  });

  it('asks for a fixed gas limit on a chain without state overrides', async () => {
    world = await open(withoutOverrides);
    const context = world.contextOf(world.device);
    const path = await statuses(runPlan(context, await staking(context), createTestHost()));
    expect(path.at(-1)).toBe('safe');
    const { maxFeeWei } = world.asked[0] as ApprovalRequest & { kind: 'transaction' };
    expect(maxFeeWei % 3_000_000n).toBe(0n);
  });

  it('reports a failure of the second step before anything is sent', async () => {
    const context = world.contextOf(world.device);
    const plan = await staking(context, '999');
    expect(await previewStep(context, world.address, plan.steps[0])).toMatchObject({
      ok: false,
      failure: { name: 'StakeTooSmall' },
    });
    expect(await statuses(runPlan(context, plan, createTestHost()))).toEqual(['simulating', 'simulation-failed']);
    expect(world.asked).toEqual([]);
  });

  it('shows no error when the user declines', async () => {
    const context = world.contextOf(world.device);
    world.user.declines = true;
    const path = await statuses(runPlan(context, await staking(context), createTestHost()));
    expect(path).toEqual(['simulating', 'awaiting-signature', 'rejected']);
    expect(await stakeOf(world.address)).toBe(0n);
  });

  it('is found by its calls after a crash before its hash was stored', async () => {
    const context = world.contextOf(world.device);
    const host = createTestHost();
    const plan = await staking(context);
    for await (const { state } of runPlan(context, plan, host)) if (state.status === 'awaiting-signature') break;
    await (
      await context.signer()
    ).sendCalls({
      account: world.address,
      forceAtomic: true,
      calls: plan.steps[0].calls!.map(({ to, data, valueWei }) => ({ to, data, value: valueWei })),
    });
    expect(await statuses(resumeTransactions(context, host))).toEqual(['submitted', 'included', 'safe']);
  });
});

describe('a wallet with its own batch ids', () => {
  it('is polled until it knows the transaction', async () => {
    const { wallet, provider } = slowWallet(world.device);
    const context = world.contextOf(provider);
    expect(await statuses(runPlan(context, await staking(context), createTestHost()))).toEqual([
      'simulating',
      'awaiting-signature',
      'with-wallet',
      'submitted',
      'included',
      'safe',
    ]);
    expect(wallet.polls).toBe(3);
    expect(await stakeOf(world.address)).toBe(parseEther('1000'));
  });

  it('is polled again after a reload, once connected, and nothing is sent twice', async () => {
    const { provider } = slowWallet(world.device, 1);
    const context = world.contextOf(provider);
    const host = createTestHost();
    for await (const { state } of runPlan(context, await staking(context), host)) {
      if (state.status === 'with-wallet') break;
    }
    const alone = { ...context, ready: async () => null };
    expect(await statuses(resumeTransactions(alone, host))).toEqual([]);
    expect((await host.store.list(embedded.id))[0]!.state.status).toBe('with-wallet');
    expect(await statuses(resumeTransactions(context, host))).toEqual(['submitted', 'included', 'safe']);
    expect(world.asked).toHaveLength(1);
  });

  it('that fails is reported', async () => {
    const { wallet, provider } = slowWallet(world.device);
    wallet.fails = true;
    const context = world.contextOf(provider);
    const host = createTestHost();
    const path = await statuses(runPlan(context, await staking(context), host));
    expect(path.slice(-2)).toEqual(['with-wallet', 'not-sent']);
    const [kept] = await host.store.list(embedded.id);
    expect(kept!.state).toMatchObject({ failure: { message: 'The wallet could not carry it out (status 400).' } });
  });
});

it('a wallet without batches gets each step separately', async () => {
  const old: Provider = {
    request(call) {
      if (call.method.endsWith('Capabilities')) return Promise.reject(new Error('no such method'));
      return world.device.request(call);
    },
  };
  const context = world.contextOf(old);
  const plan = await staking(context);
  expect(plan.steps.map(({ verb }) => verb)).toEqual(['approve', 'stake']);
  const path = await statuses(runPlan(context, plan, createTestHost()));
  expect(path.filter((status) => status === 'safe')).toHaveLength(2);
  expect(world.asked).toHaveLength(2);
});
