// The calls of proposals, decoded again: each goes to the contract that takes it, with what was given; nonsense is refused.

import { decodeFunctionData, parseEther, zeroAddress } from 'viem';
import { expect, it } from 'vitest';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import { influenceBookAbi } from '../../abi/influence-book.ts';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import { openTokenAbi } from '../../abi/open-token.ts';
import { settlementAbi } from '../../abi/settlement.ts';
import type { ChainContext } from '../../context.ts';
import { SHIPPED_CONTRACTS } from '../../parse-chain-contracts.ts';
import { announceCourtCall } from './announce-court-call.ts';
import { holdCourt } from './hold-court.ts';
import { payFromTreasuryCall } from './pay-from-treasury-call.ts';
import { setFeeCall } from './set-fee-call.ts';
import { setMinStakeCall } from './set-min-stake-call.ts';
import { setPostFeeCall } from './set-post-fee-call.ts';
import { setVotingPeriodCall } from './set-voting-period-call.ts';

const { addresses } = SHIPPED_CONTRACTS;
const to = '0x00000000000000000000000000000000000000C3';
const [small, large] = [parseEther('1000'), parseEther('10000')];

it('the fee is set at the Settlement', () => {
  const { target, data } = setFeeCall(addresses, 250);
  expect(target).toBe(addresses.Settlement);
  expect(decodeFunctionData({ abi: settlementAbi, data })).toEqual({ functionName: 'setFee', args: [250] });
});

it('the least stake of a node is set at the registry of nodes', () => {
  const { target, data } = setMinStakeCall(addresses, small);
  expect(target).toBe(addresses.NodeRegistry);
  expect(decodeFunctionData({ abi: nodeRegistryAbi, data })).toEqual({ functionName: 'setMinStake', args: [small] });
});

it.each(['AttributionCourt', 'InfluenceBook'] as const)('the fee for answers is set at the %s', (of) => {
  const { target, data } = setPostFeeCall(addresses, of, 5n * 10n ** 13n);
  expect(target).toBe(addresses[of]);
  const args = [5n * 10n ** 13n];
  expect(decodeFunctionData({ abi: influenceBookAbi, data })).toEqual({ functionName: 'setPostFee', args });
});

it('the next court is announced at the ledger', () => {
  const { target, data } = announceCourtCall(addresses, to);
  expect(target).toBe(addresses.AttributionLedger);
  expect(decodeFunctionData({ abi: attributionLedgerAbi, data })).toEqual({
    functionName: 'announceCourt',
    args: [to],
  });
});

it('the guardian stops the clocks of the court', async () => {
  const context = { addresses, signer: async () => ({ account: { address: to } }) } as unknown as ChainContext;
  const { steps } = await holdCourt(context);
  expect(steps[0].to).toBe(addresses.AttributionCourt);
  expect(decodeFunctionData({ abi: attributionCourtAbi, data: steps[0].data }).functionName).toBe('hold');
});

it('the treasury pays by a transfer of OPEN', () => {
  const { target, data } = payFromTreasuryCall(addresses, { to, amountWei: large });
  expect(target).toBe(addresses.OpenToken);
  expect(decodeFunctionData({ abi: openTokenAbi, data })).toEqual({ functionName: 'transfer', args: [to, large] });
});

it('the voting period is set at the governor', () => {
  const { target, data } = setVotingPeriodCall(addresses, 432_000n);
  expect(target).toBe(addresses.OpenGovernor);
  const args = [432_000];
  expect(decodeFunctionData({ abi: openGovernorAbi, data })).toEqual({ functionName: 'setVotingPeriod', args });
});

it.each([
  ['a fee of more than a tenth', () => setFeeCall(addresses, 1_001)],
  ['a fee below a half percent', () => setFeeCall(addresses, 49)],
  ['a fee for answers of nothing', () => setPostFeeCall(addresses, 'InfluenceBook', 0n)],
  ['a fee for answers of more than 0.1 ETH', () => setPostFeeCall(addresses, 'InfluenceBook', 10n ** 17n + 1n)],
  ['a court at the zero address', () => announceCourtCall(addresses, zeroAddress)],
  ['a stake of nothing', () => setMinStakeCall(addresses, 0n)],
  ['a stake beyond 96 bits', () => setMinStakeCall(addresses, 2n ** 96n)],
  ['a payment to the zero address', () => payFromTreasuryCall(addresses, { to: zeroAddress, amountWei: large })],
  ['a payment of nothing', () => payFromTreasuryCall(addresses, { to, amountWei: 0n })],
  ['a vote of no time', () => setVotingPeriodCall(addresses, 0n)],
  ['a vote of more than a century', () => setVotingPeriodCall(addresses, 2n ** 32n)],
])('%s is refused', (_what, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'action/input' }));
});
