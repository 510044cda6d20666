// Gives OPEN to the nodes that count work in this round, in proportion to it. Anyone may.

import { encodeFunctionData } from 'viem';
import { workRewardsAbi } from '../../abi/work-rewards.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { approvalFor } from '../token/approve.ts';
import { requireAmount } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { parseEther } from 'viem';
 * import { addReward } from '#lib/chain/actions/staking/add-reward.ts';
 *
 * await run(await addReward(chain, parseEther('1000')));
 */
export async function addReward(context: ChainContext, input: bigint): Promise<ActionPlan> {
  const amountWei = requireAmount(input, 'The reward');
  const to = context.addresses.WorkRewards;
  const data = encodeFunctionData({ abi: workRewardsAbi, functionName: 'addReward', args: [amountWei] });
  const before = await approvalFor(context, to, amountWei, 'as reward of nodes that worked');
  const explanation = `You give ${inOpen(amountWei)} to the nodes that answer paid calls; it does not come back`;
  return planOf(context, 'add-reward', explanation, { to, data }, before);
}
