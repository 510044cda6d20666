// Gives OPEN to all stakers, streamed second by second over one reward period. Anyone may.

import { encodeFunctionData } from 'viem';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
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
  const to = context.addresses.NodeRegistry;
  const data = encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'addReward', args: [amountWei] });
  const before = await approvalFor(context, to, amountWei, 'as reward of those who stake');
  const explanation = `You give ${inOpen(amountWei)} to all who stake; it does not come back`;
  return planOf(context, 'add-reward', explanation, { to, data }, before);
}
