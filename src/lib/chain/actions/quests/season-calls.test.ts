// The calls that governance makes for a season, decoded again: each goes to the contract that takes it, with the amounts given.

import { decodeFunctionData, parseEther, type Hex } from 'viem';
import { expect, it } from 'vitest';
import { openTokenAbi } from '../../abi/open-token.ts';
import { questBoardAbi } from '../../abi/quest-board.ts';
import { seasonRewardsAbi } from '../../abi/season-rewards.ts';
import { SHIPPED_CONTRACTS } from '../../parse-chain-contracts.ts';
import { seasonPayoutCalls, startSeasonCall } from './season-calls.ts';

const { addresses } = SHIPPED_CONTRACTS;
const root: Hex = `0x${'5e'.repeat(32)}`;

it('a season is started on the board of quests', () => {
  const { target, data } = startSeasonCall(addresses);
  expect(target).toBe(addresses.QuestBoard);
  expect(decodeFunctionData({ abi: questBoardAbi, data }).functionName).toBe('startSeason');
});

it('a season is funded before it is promised, with the same amount', () => {
  const totalWei = parseEther('1200');
  const [fund, promise, ...rest] = seasonPayoutCalls(addresses, { season: 3n, root, totalWei });
  expect(rest).toEqual([]);
  expect(fund!.target).toBe(addresses.OpenToken);
  expect(decodeFunctionData({ abi: openTokenAbi, data: fund!.data })).toEqual({
    functionName: 'transfer',
    args: [addresses.SeasonRewards, totalWei],
  });
  expect(promise!.target).toBe(addresses.SeasonRewards);
  expect(decodeFunctionData({ abi: seasonRewardsAbi, data: promise!.data })).toEqual({
    functionName: 'publish',
    args: [3n, root, totalWei],
  });
});

it.each([
  ['no total', { season: 3n, root, totalWei: 0n }],
  ['a negative season', { season: -1n, root, totalWei: 1n }],
  ['a root that is no hash', { season: 3n, root: '0x5e', totalWei: 1n }],
])('%s is refused', (_what, input) => {
  expect(() => seasonPayoutCalls(addresses, input)).toThrow(expect.objectContaining({ code: 'action/input' }));
});
