// The indexer over anvil and the embedded chain: rows equal to the contracts' state, the same on both, and correct again after
// anvil has reorganised.

import { custom, http, keccak256, parseEther, stringToHex, type Transport } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { afterAll, expect, it } from 'vitest';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { sandboxVotes } from '#lib/chain/actions/sandbox/sandbox-votes.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { requestExit } from '#lib/chain/actions/staking/request-exit.ts';
import { propose } from '#lib/chain/actions/governance/propose.ts';
import { stake } from '#lib/chain/actions/staking/stake.ts';
import { transfer } from '#lib/chain/actions/token/transfer.ts';
import { embedded } from '#lib/chain/chains.ts';
import { createMemoryRowStore, type RowStore } from '#lib/chain/indexer/rows.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { startAnvil } from '../support/anvil.ts';
import { contextOver, deployAll, runToEnd, type TestContext } from '../support/chain-context.ts';
import { alice, bob, createTestNode, GENESIS_SECONDS } from '../support/embedded-chain.ts';

const liquidity = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
const TABLES = ['balances', 'transfers', 'allowances', 'delegations', 'votes', 'nodes', 'proposals', 'ballots'];

const anvil = await startAnvil(embedded.id, ['--timestamp', String(GENESIS_SECONDS)]);
afterAll(() => anvil.stop());
const transports: Transport[] = [
  http(anvil.url, { retryCount: 0 }),
  custom(createTestNode().provider, { retryCount: 0 }),
];

const run = async (context: TestContext, plan: Promise<ActionPlan>) => {
  for (const { state } of await runToEnd(context, await plan))
    expect(state, JSON.stringify(state)).toMatchObject({ status: 'safe' });
};
async function sync(context: TestContext, store: RowStore, maxRange?: number) {
  const kinds: string[] = [];
  for await (const { kind } of syncRows(context.read, sourcesOf(context), store, maxRange ? { maxRange } : {}))
    kinds.push(kind);
  return kinds;
}
const rowsOf = async (store: RowStore) =>
  Object.fromEntries(await Promise.all(TABLES.map(async (table) => [table, await store.list(table)] as const)));

async function prepare(transport: Transport) {
  await deployAll(transport);
  const holder = contextOver(transport, liquidity);
  const rich = contextOver(transport, alice);
  await run(rich, transfer(rich, { to: liquidity.address, amountWei: parseEther('10'), what: 'ETH' }));
  await run(holder, transfer(holder, { to: bob.address, amountWei: parseEther('5000'), what: 'OPEN' }));
  await sandboxVotes(holder, liquidity.address);
  await run(holder, stake(holder, { amountWei: parseEther('3000'), peerId: keccak256(stringToHex('p')), caps: 0 }));
  await run(holder, requestExit(holder, parseEther('1500')));
  // Votes count from the second after they were delegated.
  const { timestamp } = await holder.read.getBlock();
  await holder.test.setNextBlockTimestamp({ timestamp: timestamp + 10n });
  await holder.read.request({ method: 'evm_mine', params: [] } as never);
  const call = {
    targets: [bob.address],
    valuesWei: [0n],
    calldatas: ['0x'] as const,
    description: 'Nothing, for once.',
  };
  await run(holder, propose(holder, call));
  return holder;
}

it('gives rows equal to the contracts’ state and on both chains, for any ranges', async () => {
  const stores: RowStore[] = [];
  for (const transport of transports) {
    const holder = await prepare(transport);
    const store = createMemoryRowStore();
    await sync(holder, store);
    const pieces = createMemoryRowStore();
    await sync(holder, pieces, 5);
    expect(await rowsOf(pieces)).toEqual(await rowsOf(store));
    stores.push(store);

    const balances = await store.list('balances');
    for (const { row } of balances) {
      const address = row['token'] === 'OPEN' ? holder.addresses.OpenToken : holder.addresses.StakedOpen;
      const args = [row['account'] as `0x${string}`] as const;
      const balance = await holder.read.readContract({ address, abi: openTokenAbi, functionName: 'balanceOf', args });
      expect(row['amountWei']).toBe(String(balance));
    }
    const supply = balances
      .filter(({ row }) => row['token'] === 'OPEN')
      .reduce((sum, { row }) => sum + BigInt(row['amountWei'] as string), 0n);
    expect(supply).toBe(parseEther('1000000000'));
    expect(await store.get('nodes', liquidity.address)).toMatchObject({
      stakeWei: String(parseEther('1500')),
      exitingWei: String(parseEther('1500')),
    });
    const [proposal] = await store.list('proposals');
    expect(proposal!.row).toMatchObject({
      proposer: liquidity.address,
      description: 'Nothing, for once.',
      mark: 'created',
    });
  }
  const plain = async (store: RowStore) => {
    const { nodes, proposals, transfers, ...rest } = await rowsOf(store);
    // Clocks and fees differ, so do times and hashes.
    const without = (rows: typeof nodes, ...names: string[]) =>
      rows!.map(({ row }) => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))));
    return {
      ...rest,
      nodes: without(nodes, 'exitAt'),
      proposals: without(proposals, 'voteStart', 'voteEnd', 'transactionHash'),
      transfers: without(transfers, 'blockNumber', 'transactionHash'),
    };
  };
  expect(await plain(stores[0]!)).toEqual(await plain(stores[1]!));
});

it('is correct again after anvil has reorganised', async () => {
  const holder = contextOver(transports[0]!, liquidity);
  const give = (amount: string) =>
    run(holder, transfer(holder, { to: alice.address, amountWei: parseEther(amount), what: 'OPEN' }));
  const store = createMemoryRowStore();
  await sync(holder, store);
  const id = await holder.test.snapshot();
  await give('1');
  await give('2');
  await sync(holder, store);
  expect(await store.get('balances', `OPEN:${alice.address}`)).toMatchObject({ amountWei: String(parseEther('3')) });
  await holder.test.revert({ id });
  await give('7');
  expect(await sync(holder, store)).toContain('rolled-back');
  expect(await store.get('balances', `OPEN:${alice.address}`)).toMatchObject({ amountWei: String(parseEther('7')) });
  const fresh = createMemoryRowStore();
  await sync(holder, fresh);
  expect(await rowsOf(store)).toEqual(await rowsOf(fresh));
});
