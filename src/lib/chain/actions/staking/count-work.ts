// Counts the work of the sender's node in the running round: the protocol fees that calls to it have paid.

import { encodeFunctionData } from 'viem';
import { workRewardsAbi } from '../../abi/work-rewards.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { countWork } from '#lib/chain/actions/staking/count-work.ts';
 * import { readStake } from '#lib/chain/reads/read-stake.ts';
 *
 * const { own } = await readStake(chain, account);
 * if (own && own.uncountedWei > 0n) await run(await countWork(chain));
 */
export async function countWork(context: ChainContext): Promise<ActionPlan> {
  const { account } = await context.signer();
  const to = context.addresses.WorkRewards;
  const asked = { address: to, abi: workRewardsAbi, functionName: 'uncountedOf', args: [account.address] } as const;
  const workWei = await context.read.readContract(asked);
  if (workWei === 0n) throw new BadInputError('The work', 'of this node is counted already, or there is none');
  const data = encodeFunctionData({ abi: workRewardsAbi, functionName: 'countWork' });
  const explanation = `You count the work of your node for this round: calls to it paid ${inOpen(workWei)} in fees`;
  return planOf(context, 'count-work', explanation, { to, data });
}
