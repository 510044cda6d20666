// The calls of proposals, decoded again: each goes to the contract that takes it, with what was given; nonsense is refused.

import { decodeFunctionData, parseEther, zeroAddress } from 'viem';
import { expect, it } from 'vitest';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import { openTokenAbi } from '../../abi/open-token.ts';
import { settlementAbi } from '../../abi/settlement.ts';
import { SHIPPED_CONTRACTS } from '../../parse-chain-contracts.ts';
import { payFromTreasuryCall } from './pay-from-treasury-call.ts';
import { setFeeCall } from './set-fee-call.ts';
import { setMinStakesCall } from './set-min-stakes-call.ts';
import { setVotingPeriodCall } from './set-voting-period-call.ts';

const { addresses } = SHIPPED_CONTRACTS;
const to = '0x00000000000000000000000000000000000000C3';
const [small, large] = [parseEther('1000'), parseEther('10000')];

it('the fee is set at the Settlement', () => {
  const { target, data } = setFeeCall(addresses, 250);
  expect(target).toBe(addresses.Settlement);
  expect(decodeFunctionData({ abi: settlementAbi, data })).toEqual({ functionName: 'setFee', args: [250] });
});

it('least stakes are set at the registry of nodes', () => {
  const { target, data } = setMinStakesCall(addresses, { nodeWei: small, attesterWei: large });
  expect(target).toBe(addresses.NodeRegistry);
  const args = [small, large];
  expect(decodeFunctionData({ abi: nodeRegistryAbi, data })).toEqual({ functionName: 'setMinStakes', args });
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
  ['a fee of more than everything', () => setFeeCall(addresses, 10_001)],
  ['a fee below zero', () => setFeeCall(addresses, -1)],
  ['a stake of nothing', () => setMinStakesCall(addresses, { nodeWei: 0n, attesterWei: large })],
  ['a stake beyond 96 bits', () => setMinStakesCall(addresses, { nodeWei: small, attesterWei: 2n ** 96n })],
  ['a payment to the zero address', () => payFromTreasuryCall(addresses, { to: zeroAddress, amountWei: large })],
  ['a payment of nothing', () => payFromTreasuryCall(addresses, { to, amountWei: 0n })],
  ['a vote of no time', () => setVotingPeriodCall(addresses, 0n)],
  ['a vote of more than a century', () => setVotingPeriodCall(addresses, 2n ** 32n)],
])('%s is refused', (_what, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'action/input' }));
});
