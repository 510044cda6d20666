// Calls that open a season and fund its payout; only governance may make them, as parts of a proposal.

import { encodeFunctionData } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import { questBoardAbi } from '../../abi/quest-board.ts';
import { seasonRewardsAbi } from '../../abi/season-rewards.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { requireAmount, requireHash, requireWhole } from '../../input.ts';
import type { GovernedCall } from '../governance/governed-call.ts';

/**
 * @example
 * import { propose } from '#lib/chain/actions/governance/propose.ts';
 * import { startSeasonCall } from '#lib/chain/actions/quests/season-calls.ts';
 *
 * const { target, data } = startSeasonCall(chain.addresses);
 * await run(await propose(chain, { targets: [target], valuesWei: [0n], calldatas: [data], description: 'Season 2' }));
 */
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

/**
 * Moves the season's OPEN from the treasury to the contract that pays it, and commits to the tree.
 *
 * @example
 * import { seasonPayoutCalls } from '#lib/chain/actions/quests/season-calls.ts';
 * import { seasonClaims } from '#lib/settlement/claims.ts';
 *
 * const { root, totalWei } = seasonClaims(seasonRewards);
 * const calls = seasonPayoutCalls(chain.addresses, { season: 1n, root, totalWei });
 * const [targets, calldatas] = [calls.map(({ target }) => target), calls.map(({ data }) => data)];
 */
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
