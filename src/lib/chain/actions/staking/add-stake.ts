// Adds OPEN to the stake of a registered node.

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
 * import { addStake } from '#lib/chain/actions/staking/add-stake.ts';
 *
 * await run(await addStake(chain, parseEther('250')));
 */
export async function addStake(context: ChainContext, amountWei: bigint): Promise<ActionPlan> {
  requireAmount(amountWei, 'The stake');
  const to = context.addresses.NodeRegistry;
  const data = encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'addStake', args: [amountWei] });
  const before = await approvalFor(context, to, amountWei, 'as stake of your node');
  return planOf(context, 'add-stake', `You add ${inOpen(amountWei)} to the stake of your node`, { to, data }, before);
}
