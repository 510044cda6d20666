// Claims what the sender's node has earned by its work in rounds that are over.

import { encodeFunctionData } from 'viem';
import { workRewardsAbi } from '../../abi/work-rewards.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { parseEther } from 'viem';
 * import { claimReward } from '#lib/chain/actions/staking/claim-reward.ts';
 * import { readStake } from '#lib/chain/reads/read-stake.ts';
 *
 * const { own } = await readStake(chain, account);
 * if (own && own.rewardWei >= parseEther('1')) await run(await claimReward(chain));
 */
export async function claimReward(context: ChainContext): Promise<ActionPlan> {
  const { account } = await context.signer();
  const to = context.addresses.WorkRewards;
  const asked = { address: to, abi: workRewardsAbi, functionName: 'rewardOf', args: [account.address] } as const;
  const rewardWei = await context.read.readContract(asked);
  if (rewardWei === 0n) throw new BadInputError('The reward', 'of this account is nothing yet');
  const data = encodeFunctionData({ abi: workRewardsAbi, functionName: 'claimReward' });
  const explanation = `You are paid what the work of your node has earned, ${inOpen(rewardWei)}`;
  return planOf(context, 'claim-reward', explanation, { to, data });
}
