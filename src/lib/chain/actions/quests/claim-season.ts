// Pays an account its share of a season's rewards. Any account may send it.

import { encodeFunctionData, type Hex } from 'viem';
import { seasonRewardsAbi } from '../../abi/season-rewards.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAddress, requireAmount, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface SeasonClaim {
  season: bigint;
  /** A leaf of the season's tree with its way up, see settlement/claims.ts. */
  proof: {
    account: Hex;
    /** The account's share in this season, wei. */
    amount: bigint;
    index: bigint;
    siblings: readonly Hex[];
    sums: readonly bigint[];
  };
}

/**
 * @example
 * import { claimSeason } from '#lib/chain/actions/quests/claim-season.ts';
 * import { seasonClaims } from '#lib/settlement/claims.ts';
 *
 * const proof = seasonClaims(seasonRewards).of(account);
 * await run(await claimSeason(chain, { season: 1n, proof }));
 */
export async function claimSeason(context: ChainContext, { season, proof }: SeasonClaim): Promise<ActionPlan> {
  const account = requireAddress(proof.account, 'The account');
  const amount = requireAmount(proof.amount, 'The claim');
  const id = requireWhole(season, 64, 'The season');
  if (proof.siblings.length !== proof.sums.length) throw new BadInputError('The proof', 'needs a sum for each hash');
  const args = [id, account, amount, proof.index, proof.siblings, proof.sums] as const;
  const data = encodeFunctionData({ abi: seasonRewardsAbi, functionName: 'claim', args });
  const explanation = `The rewards of season ${id} pay ${inOpen(amount)} to ${account} for its points`;
  return planOf(context, 'claim-season', explanation, { to: context.addresses.SeasonRewards, data });
}
