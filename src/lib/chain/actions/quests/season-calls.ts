// Calls that open a season and fund its payout; only governance may make them, as parts of a proposal.

import { encodeFunctionData, type Address, type Hex } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import { questBoardAbi } from '../../abi/quest-board.ts';
import { seasonRewardsAbi } from '../../abi/season-rewards.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { requireAmount, requireHash, requireWhole } from '../../input.ts';

export interface GovernedCall {
  target: Address;
  data: Hex;
}

export const startSeasonCall = ({ QuestBoard }: Addresses): GovernedCall => ({
  target: QuestBoard,
  data: encodeFunctionData({ abi: questBoardAbi, functionName: 'startSeason' }),
});

export interface SeasonPayout {
  season: bigint;
  /** Root and total of the Merkle-sum tree of the accounts' shares. */
  root: string;
  totalWei: bigint;
}

/** Moves the season's OPEN from the treasury to the contract that pays it, and commits to the tree. */
export function seasonPayoutCalls({ OpenToken, SeasonRewards }: Addresses, input: SeasonPayout): GovernedCall[] {
  const totalWei = requireAmount(input.totalWei, 'The total of the season');
  const season = requireWhole(input.season, 64, 'The season');
  const promise = [season, requireHash(input.root, 'The root of the season'), totalWei] as const;
  const fund = [SeasonRewards, totalWei] as const;
  return [
    { target: OpenToken, data: encodeFunctionData({ abi: openTokenAbi, functionName: 'transfer', args: fund }) },
    {
      target: SeasonRewards,
      data: encodeFunctionData({ abi: seasonRewardsAbi, functionName: 'publish', args: promise }),
    },
  ];
}
