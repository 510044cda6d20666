// The tree of a season's rewards: a leaf for each account, as contracts/src/points/SeasonRewards.sol reads it.

import { sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { buildSumTree, type SumTree } from '#lib/core/merkle-sum.ts';

export interface SeasonReward {
  account: Hex;
  amountWei: bigint;
}

/** The content of a leaf is the account as a number. */
const content = (account: Hex): Hex => toHex(uintBytes(BigInt(toHex(sizedBytes(account, 20))), 32));

export const buildSeasonTree = (rewards: readonly SeasonReward[]): SumTree =>
  buildSumTree(rewards.map(({ account, amountWei }) => ({ content: content(account), amount: amountWei })));
