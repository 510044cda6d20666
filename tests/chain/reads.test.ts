// Pages' reads of the contracts, and moving time: equal on the embedded chain and on anvil.

import { custom, http, keccak256, parseEther, stringToHex, type Address, type Transport } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { genesisAbi } from '#lib/chain/abi/genesis.ts';
import { moveTime } from '#lib/chain/actions/sandbox/move-time.ts';
import { sandboxVotes } from '#lib/chain/actions/sandbox/sandbox-votes.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { propose } from '#lib/chain/actions/governance/propose.ts';
import { queueProposal } from '#lib/chain/actions/governance/queue-proposal.ts';
import { releaseVesting } from '#lib/chain/actions/token/release-vesting.ts';
import { requestExit } from '#lib/chain/actions/staking/request-exit.ts';
import { stake } from '#lib/chain/actions/staking/stake.ts';
import { transfer } from '#lib/chain/actions/token/transfer.ts';
import { vote } from '#lib/chain/actions/governance/vote.ts';
import { embedded } from '#lib/chain/chains.ts';
import { createMemoryRowStore } from '#lib/chain/indexer/rows.ts';
import { listRows } from '#lib/chain/indexer/tables.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { knownContracts } from '#lib/chain/known-contracts.ts';
import { readGovernance } from '#lib/chain/reads/read-governance.ts';
import { readProposals } from '#lib/chain/reads/read-proposals.ts';
import { readStake } from '#lib/chain/reads/read-stake.ts';
import { readToken } from '#lib/chain/reads/read-token.ts';
import { explainCall } from '#lib/chain/wallet/explain-call.ts';
import { SANDBOX_PARTIES } from '#lib/chain/deploy/sandbox-parties.ts';
import { startAnvil } from '../support/anvil.ts';
import { contextOver, deployAll, runToEnd, type TestContext } from '../support/chain-context.ts';
import { alice, createTestNode, GENESIS_SECONDS } from '../support/embedded-chain.ts';

const liquidity = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
const DAY = 86_400n;
const SUPPLY = 10n ** 27n;

describe.each(['embedded', 'anvil'])('on %s', (where) => {
  let holder: TestContext;
  let stop = async () => {};
  const run = async (plan: Promise<ActionPlan>) => {
    const records = await runToEnd(holder, await plan);
    for (const { state } of records) expect(state, JSON.stringify(state)).toMatchObject({ status: 'safe' });
    return records.at(-1)!;
  };
  const now = async () => (await holder.read.getBlock()).timestamp;

  beforeAll(async () => {
    let transport: Transport = custom(createTestNode().provider, { retryCount: 0 });
    if (where === 'anvil') {
      const anvil = await startAnvil(embedded.id, ['--timestamp', String(GENESIS_SECONDS)]);
      stop = () => anvil.stop();
      transport = http(anvil.url, { retryCount: 0 });
    }
    await deployAll(transport);
    holder = contextOver(transport, liquidity);
    const rich = contextOver(transport, alice);
    await runToEnd(rich, await transfer(rich, { to: liquidity.address, amountWei: parseEther('10'), what: 'ETH' }));
  });
  afterAll(() => stop());

  it('reads supply and distribution, and their changes', async () => {
    const before = await readToken(holder);
    expect([before.supplyWei, before.mintedWei, before.burntWei]).toEqual([SUPPLY, SUPPLY, 0n]);
    for (const { amountWei, paidWei, releasableWei, lockedWei } of before.buckets) {
      expect(paidWei + releasableWei + lockedWei).toBe(amountWei);
    }
    await moveTime(holder, (await now()) + 100n * DAY);
    const vested = (await readToken(holder)).buckets.find(({ name }) => name === 'ecosystem')!;
    expect(vested.releasableWei).toBeGreaterThan(0n);
    const { to, data } = await run(releaseVesting(holder, vested.at));
    const after = (await readToken(holder)).buckets[vested.at]!;
    expect(after.paidWei).toBeGreaterThanOrEqual(vested.releasableWei);
    expect(after.paidWei + after.releasableWei + after.lockedWei).toBe(after.amountWei);
    // The wallet names the contract that it is asked to call.
    const known = { contracts: knownContracts(holder.addresses) };
    expect(explainCall({ to, data, valueWei: 0n }, known).sentences[0]).toContain('Pay out what has vested so far');
  });

  it('names every vesting', async () => {
    const genesis = { address: holder.addresses.Genesis, abi: genesisAbi, functionName: 'buckets' } as const;
    const named = new Map(knownContracts(holder.addresses).map(({ address, name }) => [address, name]));
    const vesting = (await holder.read.readContract(genesis)).filter(({ duration }) => duration > 0n);
    expect(vesting.map(({ holder: at }) => named.get(at))).toEqual(
      ['community', 'investors', 'team', 'ecosystem'].map((of) => `Vesting of ${of}`),
    );
  });

  it('reads the rules and the state of a stake', async () => {
    expect(await readStake(holder, undefined)).toMatchObject({
      minNodeWei: parseEther('1000'),
      exitDelaySeconds: 7n * DAY,
      totalStakedWei: 0n,
      own: null,
    });
    expect((await readStake(holder, liquidity.address)).own).toMatchObject({ peerId: null, stakeWei: 0n });
    const peerId = keccak256(stringToHex('a peer'));
    await run(stake(holder, { amountWei: parseEther('12000'), peerId, caps: 1 }));
    await run(requestExit(holder, parseEther('2000')));
    const { own, nowSeconds, totalStakedWei } = await readStake(holder, liquidity.address);
    expect(own).toMatchObject({ stakeWei: parseEther('10000'), exitingWei: parseEther('2000'), caps: 1, peerId });
    expect(totalStakedWei).toBe(parseEther('10000'));
    expect(own!.exitAt - nowSeconds).toBeGreaterThan(7n * DAY - 60n);
  });

  it('reads the rules of voting and the states of a proposal', async () => {
    const rules = await readGovernance(holder, liquidity.address);
    expect(rules).toMatchObject({
      votingDelaySeconds: DAY,
      votingPeriodSeconds: 5n * DAY,
      lateExtensionSeconds: DAY,
      timelockDelaySeconds: 2n * DAY,
      thresholdWei: parseEther('1000000'),
      quorumWei: SUPPLY / 5n,
      quorumPart: { numerator: 20n, denominator: 100n },
      guardian: SANDBOX_PARTIES.guardian,
      vetoes: 0,
      own: { open: { votesWei: 0n, delegate: null } },
    });
    expect(rules.votableWei).toBeGreaterThanOrEqual(parseEther('332900000'));
    expect(rules.vetoEndSeconds).toBeGreaterThan(rules.nowSeconds + 600n * DAY);
    await sandboxVotes(holder, liquidity.address);
    expect((await readGovernance(holder, liquidity.address)).own!.open.votesWei).toBe(parseEther('332900000'));
    await moveTime(holder, (await now()) + 10n);
    const input = {
      targets: [alice.address] as Address[],
      valuesWei: [0n],
      calldatas: ['0x' as const],
      description: 'x',
    };
    await run(propose(holder, input));

    const store = createMemoryRowStore();
    const read = async () => {
      for await (const event of syncRows(holder.read, sourcesOf(holder), store)) void event;
      const rows = await listRows(store, 'proposals');
      return (await readProposals(holder, rows, liquidity.address))[0]!;
    };
    const fresh = await read();
    expect(fresh).toMatchObject({ ...input, state: 'pending', executableAt: null, own: { hasVoted: false } });
    await moveTime(holder, fresh.voteStart + 1n);
    expect((await read()).state).toBe('active');
    await run(vote(holder, { proposalId: fresh.id, support: 'for', reason: 'why not' }));
    const voted = await read();
    expect(voted).toMatchObject({ forWei: voted.own!.votesWei, own: { hasVoted: true }, quorumWei: SUPPLY / 5n });
    await moveTime(holder, voted.voteEnd + 1n);
    expect((await read()).state).toBe('succeeded');
    await run(queueProposal(holder, fresh));
    const queued = await read();
    expect(queued.state).toBe('queued');
    expect(queued.executableAt! - (await now())).toBe(2n * DAY);
  });

  it('advances time, never back, and not on an L2', async () => {
    await expect(moveTime(holder, await now())).rejects.toThrow('is over on this chain');
    await expect(moveTime(holder, (await now()) + 200n * 365n * DAY)).rejects.toThrow('within a hundred years');
    await expect(moveTime({ ...holder, mode: 'l2' }, (await now()) + 1n)).rejects.toThrow(
      'in the sandbox and on a devnet',
    );
    const at = (await now()) + 12_345n;
    await moveTime(holder, at);
    expect(await now()).toBe(at);
  });
});
