// Token, stake and governance through the actions of pages and the command line, with equal outcomes, gas and fees on the
// embedded chain and on anvil.

import {
  custom,
  encodeFunctionData,
  getAddress,
  http,
  keccak256,
  parseEther,
  stringToHex,
  type Address,
  zeroAddress,
  zeroHash,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { genesisAbi } from '#lib/chain/abi/genesis.ts';
import { nodeRegistryAbi } from '#lib/chain/abi/node-registry.ts';
import { openGovernorAbi } from '#lib/chain/abi/open-governor.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { addReward } from '#lib/chain/actions/staking/add-reward.ts';
import { addStake } from '#lib/chain/actions/staking/add-stake.ts';
import { approve } from '#lib/chain/actions/token/approve.ts';
import { bringChannel } from '#lib/chain/actions/settlement/bring-channel.ts';
import { bringPayment } from '#lib/chain/actions/settlement/bring-payment.ts';
import { payToAddress } from '#lib/chain/actions/settlement/pay-to-address.ts';
import { splitPayments } from '#lib/chain/actions/settlement/split-payments.ts';
import { signingDomain } from '#lib/chain/actions/signing-domain.ts';
import { readChannel } from '#lib/chain/vouchers/channel.ts';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { countWork } from '#lib/chain/actions/staking/count-work.ts';
import { claimReward } from '#lib/chain/actions/staking/claim-reward.ts';
import { delegate } from '#lib/chain/actions/token/delegate.ts';
import { executeProposal } from '#lib/chain/actions/governance/execute-proposal.ts';
import { exitStake } from '#lib/chain/actions/staking/exit-stake.ts';
import { faucet } from '#lib/chain/actions/sandbox/faucet.ts';
import { invoke } from '#lib/chain/actions/settlement/invoke.ts';
import { sandboxVotes } from '#lib/chain/actions/sandbox/sandbox-votes.ts';
import { permit } from '#lib/chain/actions/token/permit.ts';
import { proposalIdOf, type Proposal } from '#lib/chain/actions/governance/proposal.ts';
import { propose } from '#lib/chain/actions/governance/propose.ts';
import { queueProposal } from '#lib/chain/actions/governance/queue-proposal.ts';
import { releaseVesting } from '#lib/chain/actions/token/release-vesting.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { requestExit } from '#lib/chain/actions/staking/request-exit.ts';
import { signChannel } from '#lib/chain/actions/settlement/sign-channel.ts';
import { stake } from '#lib/chain/actions/staking/stake.ts';
import { transfer } from '#lib/chain/actions/token/transfer.ts';
import { vote } from '#lib/chain/actions/governance/vote.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { embedded } from '#lib/chain/chains.ts';
import { SANDBOX_PARTIES } from '#lib/chain/deploy/sandbox-parties.ts';
import { startAnvil } from '../support/anvil.ts';
import { contextOver, deployAll, runToEnd, type TestContext } from '../support/chain-context.ts';
import { alice, bob, createTestNode, GENESIS_SECONDS } from '../support/embedded-chain.ts';

const liquidity = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
const DAY = 86_400n;

interface Line {
  verb: string;
  status: string;
  gasUsed?: number;
  feeWei?: string;
}
const journals = new Map<string, Line[]>();

describe.each(['embedded', 'anvil'])('on %s', (where) => {
  let holder: TestContext;
  let staker: TestContext;
  let stop = async () => {};
  const journal: Line[] = [];
  journals.set(where, journal);

  const run = async (context: TestContext, plan: Promise<ActionPlan>) => {
    const records = await runToEnd(context, await plan);
    for (const { verb, state } of records) {
      const { gasUsed, feeWei } = state as { gasUsed?: number; feeWei?: string };
      journal.push({ verb, status: state.status, ...(gasUsed ? { gasUsed, feeWei: feeWei! } : {}) });
    }
    return records.at(-1)!;
  };
  const done = async (context: TestContext, plan: Promise<ActionPlan>) => {
    const last = await run(context, plan);
    expect(last.state, `${last.explanation}: ${JSON.stringify(last.state)}`).toMatchObject({ status: 'safe' });
    return last;
  };
  const refused = async (context: TestContext, plan: Promise<ActionPlan>) => {
    const { state } = await run(context, plan);
    if (state.status !== 'simulation-failed') throw new Error(`expected a refusal, got ${state.status}`);
    return state.failure;
  };
  const openOf = (account: `0x${string}`) =>
    holder.read.readContract({
      address: holder.addresses.OpenToken,
      abi: openTokenAbi,
      functionName: 'balanceOf',
      args: [account],
    });
  /** Advances time; the block's timestamp is set, so that both chains agree. */
  const pass = async (seconds: bigint) => {
    const { timestamp } = await holder.read.getBlock();
    await holder.test.setNextBlockTimestamp({ timestamp: timestamp + seconds });
    await holder.read.request({ method: 'evm_mine', params: [] } as never);
  };

  beforeAll(async () => {
    let transport;
    if (where === 'embedded') transport = custom(createTestNode().provider, { retryCount: 0 });
    else {
      const anvil = await startAnvil(embedded.id, ['--timestamp', String(GENESIS_SECONDS)]);
      stop = () => anvil.stop();
      transport = http(anvil.url, { retryCount: 0 });
    }
    await deployAll(transport);
    holder = contextOver(transport, liquidity);
    staker = contextOver(transport, bob);
    const wealthy = contextOver(transport, alice);
    if (where === 'embedded') expect(await faucet(holder, liquidity.address)).toBeGreaterThan(0n);
    await runToEnd(
      wealthy,
      await transfer(wealthy, { to: liquidity.address, amountWei: parseEther('50'), what: 'ETH' }),
    );
  });
  afterAll(() => stop());

  it('moves OPEN, and names what is missing', async () => {
    const last = await done(
      holder,
      transfer(holder, { to: bob.address, amountWei: parseEther('20000'), what: 'OPEN' }),
    );
    expect(last.explanation).toBe(`You pay 20,000 OPEN to ${bob.address}`);
    expect(await openOf(bob.address)).toBe(parseEther('20000'));
    const failure = await refused(
      staker,
      transfer(staker, { to: alice.address, amountWei: parseEther('20001'), what: 'OPEN' }),
    );
    expect(failure).toEqual({
      name: 'ERC20InsufficientBalance',
      message: `${bob.address} has 20,000 OPEN; 20,001 OPEN are needed.`,
    });
  });

  it.each([
    ['not an address', 'The recipient'],
    [zeroAddress, 'is the zero address'],
    [bob.address.replace('7', '8'), 'mistyped'],
  ])('refuses %s before any request', async (to, words) => {
    await expect(transfer(holder, { to, amountWei: 1n, what: 'OPEN' })).rejects.toThrow(words);
  });

  it('approves an exact amount, revokes it, and permits by signature', async () => {
    const { Settlement, OpenToken } = holder.addresses;
    const allowance = (owner: `0x${string}`) => {
      const args = [owner, Settlement] as const;
      return holder.read.readContract({ address: OpenToken, abi: openTokenAbi, functionName: 'allowance', args });
    };
    await done(staker, approve(staker, Settlement, 7n));
    expect(await allowance(bob.address)).toBe(7n);
    await done(staker, approve(staker, Settlement, 0n));
    expect(await allowance(bob.address)).toBe(0n);
    // A fixed deadline: another one changes the signature's bytes and the price of its call data.
    const deadline = BigInt(GENESIS_SECONDS) + 365n * DAY;
    const signed = await permit(staker, { spender: Settlement, amountWei: 9n, deadline });
    const brought = { verb: 'permit', from: liquidity.address, steps: [signed] } as const;
    await done(holder, Promise.resolve(brought));
    expect(await allowance(bob.address)).toBe(9n);
    // Used once: the recovered signer is no longer the owner.
    expect((await refused(holder, Promise.resolve(brought))).name).toBe('ERC2612InvalidSigner');
  });

  it('stakes with an approval before it, adds, and leaves after seven days', async () => {
    const peerId = keccak256(stringToHex('peer'));
    const plan = await stake(staker, { amountWei: parseEther('1000'), peerId, caps: 0 });
    expect(plan.steps.map(({ verb }) => verb)).toEqual(['approve', 'stake']);
    await done(staker, Promise.resolve(plan));
    await done(staker, addStake(staker, parseEther('500')));
    expect(await refused(staker, requestExit(staker, parseEther('600')))).toEqual({
      name: 'StakeTooSmall',
      message: 'A stake of 900 OPEN would remain; a node needs 1,000 OPEN.',
    });
    await done(staker, requestExit(staker, parseEther('500')));
    expect((await refused(staker, exitStake(staker))).name).toBe('TooEarly');
    await pass(7n * DAY);
    const before = await openOf(bob.address);
    await done(staker, exitStake(staker));
    expect((await openOf(bob.address)) - before).toBe(parseEther('500'));
    const node = { address: holder.addresses.NodeRegistry, abi: nodeRegistryAbi, functionName: 'nodeOf' } as const;
    expect(await holder.read.readContract({ ...node, args: [bob.address] })).toMatchObject({
      stake: parseEther('1000'),
      exiting: 0n,
      peerId,
    });
  });

  it('pays a node by its work, once, and half of the fees at most', async () => {
    await expect(claimReward(staker)).rejects.toThrow('nothing yet');
    await expect(countWork(staker)).rejects.toThrow('there is none');
    const hash = (name: string) => keccak256(stringToHex(name));
    await done(holder, addBase(holder, { family: 'llama', architecture: hash('config'), licence: 1 }));
    const first = {
      adapter: hash('adapter'),
      manifest: hash('manifest'),
      rank: 8,
      sizeKiB: 9,
      quant: 0,
      parent: null,
      refs: [],
    };
    const terms = { payout: liquidity.address, devBps: 5000, dataBps: 0, nodeBps: 5000 };
    const free = { perCallWei: 0n, per1kTokensWei: 0n };
    await done(holder, registerModel(holder, { base: 1, licence: 1, terms, first, ...free }));
    // 100 OPEN for calls are 3 OPEN of fees.
    const call = { model: 1n, version: 1, node: bob.address, amountWei: parseEther('100'), callHash: hash('call') };
    await done(holder, invoke(holder, call));
    await done(holder, addReward(holder, parseEther('700')));
    const counted = await done(staker, countWork(staker));
    expect(counted.explanation).toContain('paid 3 OPEN in fees');
    await expect(claimReward(staker)).rejects.toThrow('nothing yet');
    await pass(7n * DAY);
    const before = await openOf(bob.address);
    const { explanation } = await done(staker, claimReward(staker));
    expect(explanation).toBe('You are paid what the work of your node has earned, 1.5 OPEN');
    expect((await openOf(bob.address)) - before).toBe(parseEther('1.5'));
    await expect(claimReward(staker)).rejects.toThrow('nothing yet');
  });

  it('splits what an x402 client pays to the address of a version at a node', async () => {
    const served = { model: 1n, version: 1, node: bob.address };
    const payTo = await payToAddress(holder, served);
    const creditOf = (account: Address) => {
      const credit = { address: holder.addresses.Settlement, abi: settlementAbi, functionName: 'credit' } as const;
      return holder.read.readContract({ ...credit, args: [account] });
    };
    const before = await creditOf(bob.address);
    // What such a client signs: a transfer of the token to an address, and nothing of models or nodes.
    const types = {
      TransferWithAuthorization: [
        { name: 'from', type: 'address' },
        { name: 'to', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'validAfter', type: 'uint256' },
        { name: 'validBefore', type: 'uint256' },
        { name: 'nonce', type: 'bytes32' },
      ],
    } as const;
    const domain = await signingDomain(holder, holder.addresses.OpenToken);
    const terms = { from: liquidity.address, validAfter: 0n, validBefore: BigInt(GENESIS_SECONDS) + 365n * DAY };
    const nonce = keccak256(stringToHex('call'));
    const value = parseEther('10');
    const message = { ...terms, to: payTo, value, nonce };
    const primaryType = 'TransferWithAuthorization';
    const signature = await liquidity.signTypedData({ domain, types, primaryType, message });
    const signed = { ...served, transfer: { ...terms, valueWei: value, nonce, signature } };
    const paid = await done(staker, bringPayment(staker, signed));
    expect(paid.explanation).toContain(`${liquidity.address} pays 10 OPEN for a call of model 1 v1`);
    // Half of what is left of the fee of 3 %.
    expect((await creditOf(bob.address)) - before).toBe(parseEther('4.85'));
    await refused(staker, bringPayment(staker, signed));

    await expect(splitPayments(staker, served)).rejects.toThrow('holds nothing');
    await done(holder, transfer(holder, { to: payTo, amountWei: value, what: 'OPEN' }));
    await done(staker, splitPayments(staker, served));
    expect((await creditOf(bob.address)) - before).toBe(parseEther('9.7'));
    expect(await openOf(payTo)).toBe(0n);
  });

  it('opens a channel with the payer’s signature and allowance, once', async () => {
    const to = { node: liquidity.address, signer: alice.address };
    const deadline = BigInt(GENESIS_SECONDS) + 365n * DAY;
    const signed = await signChannel(staker, { ...to, amountWei: parseEther('3'), deadline });
    expect((await refused(holder, bringChannel(holder, signed))).name).toBe('ERC20InsufficientAllowance');
    await done(staker, approve(staker, holder.addresses.Settlement, parseEther('3')));
    const raised = { ...signed, amountWei: parseEther('4') };
    expect((await refused(holder, bringChannel(holder, raised))).message).toBe(
      `This was not signed by ${bob.address}.`,
    );
    const late = { ...signed, deadline: BigInt(GENESIS_SECONDS) - 1n };
    expect((await refused(holder, bringChannel(holder, late))).name).toBe('SignatureExpired');
    await done(holder, bringChannel(holder, signed));
    expect(await readChannel(holder, bob.address, to)).toMatchObject({ deposit: parseEther('3'), redeemed: 0n });
    expect((await refused(holder, bringChannel(holder, signed))).name).toBe('ChannelExists');
  });

  it('refuses a node without a peer id', async () => {
    await expect(stake(staker, { amountWei: 1n, peerId: zeroHash, caps: 0 })).rejects.toThrow('peer id');
  });

  it('takes a proposal from creation to execution', async () => {
    const { Settlement, OpenGovernor } = holder.addresses;
    const proposal: Proposal = {
      targets: [Settlement],
      valuesWei: [0n],
      calldatas: [encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args: [250] })],
      description: '# Lower the fee\n\nTo 2.5 %.',
    };
    expect((await refused(holder, propose(holder, proposal))).name).toBe('GovernorInsufficientProposerVotes');
    expect((await refused(holder, delegate(holder, { to: liquidity.address, what: 'OpenToken' }))).name).toBe(
      'SilentHolder',
    );
    await sandboxVotes(holder, liquidity.address);
    await done(staker, delegate(staker, { to: bob.address, what: 'StakedOpen' }));
    await pass(1n);
    await done(holder, propose(holder, proposal));
    const id = proposalIdOf(proposal);
    const state = { address: OpenGovernor, abi: openGovernorAbi, functionName: 'state', args: [id] } as const;
    expect(await holder.read.readContract(state)).toBe(0);
    expect((await refused(holder, vote(holder, { proposalId: id, support: 'for' }))).message).toContain('is pending');
    await pass(DAY + 1n);
    await done(holder, vote(holder, { proposalId: id, support: 'for', reason: 'Cheaper is better.' }));
    await done(staker, vote(staker, { proposalId: id, support: 'against' }));
    expect((await refused(holder, vote(holder, { proposalId: id, support: 'for' }))).name).toBe(
      'GovernorAlreadyCastVote',
    );
    await pass(6n * DAY);
    await done(holder, queueProposal(holder, proposal));
    expect((await refused(holder, executeProposal(holder, proposal))).name).toBe('TimelockUnexpectedOperationState');
    await pass(2n * DAY);
    await done(staker, executeProposal(staker, proposal));
    const fee = { address: Settlement, abi: settlementAbi, functionName: 'feeBps' } as const;
    expect(await holder.read.readContract(fee)).toBe(250);
  });

  it('pays out what has vested, to its beneficiary', async () => {
    const genesis = { address: holder.addresses.Genesis, abi: genesisAbi, functionName: 'buckets' } as const;
    const buckets = await holder.read.readContract(genesis);
    const vesting = buckets.findIndex(
      ({ duration, beneficiary }) => duration > 0n && beneficiary === holder.addresses.TimelockController,
    );
    const treasury = () => openOf(holder.addresses.TimelockController);
    const before = await treasury();
    const { explanation } = await done(staker, releaseVesting(staker, vesting));
    expect(await treasury()).toBeGreaterThan(before);
    expect(explanation).toContain(holder.addresses.TimelockController);
    const liquid = buckets.findIndex(({ duration }) => duration === 0n);
    await expect(releaseVesting(staker, liquid)).rejects.toThrow('none that vests');
    const later = buckets.findIndex(({ beneficiary }) => beneficiary === getAddress(SANDBOX_PARTIES.team));
    await expect(releaseVesting(staker, later)).rejects.toThrow('nothing vested');
  });
});

it('has equal outcomes, gas and fees on both chains', () => {
  const [ours, theirs] = [...journals.values()];
  const plain = (lines: Line[]) => lines.map(({ verb, status, gasUsed }) => ({ verb, status, gasUsed }));
  expect(ours!.length).toBeGreaterThan(20);
  expect(plain(ours!)).toEqual(plain(theirs!));
});
