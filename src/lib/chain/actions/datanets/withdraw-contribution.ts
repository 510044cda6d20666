// Withdraws the sender's contribution: later versions must not hold it. The contract cannot refuse it.

import { encodeFunctionData } from 'viem';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { shortHex } from '../../words/short-words.ts';
import { batchTree, type ContributionBatch } from './contribute-batch.ts';
import { BadInputError, requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { contributionItem } from './sign-contribution.ts';

export type Withdrawal =
  | { datanet: bigint; contribution: number }
  /** A contribution of a batch, by its position there. */
  | { batch: ContributionBatch; place: number };

/**
 * @example
 * import { withdrawContribution } from '#lib/chain/actions/datanets/withdraw-contribution.ts';
 *
 * await run(await withdrawContribution(chain, { datanet: 3n, contribution: 12 }));
 */
export async function withdrawContribution(context: ChainContext, input: Withdrawal): Promise<ActionPlan> {
  const to = context.addresses.DatanetRegistry;
  const abi = datanetRegistryAbi;
  const after = 'later versions must not hold it';
  if ('contribution' in input) {
    const id = requireId(input.datanet, 'The Datanet');
    const number = requireSmall(input.contribution, 32, 'The contribution', 1);
    const data = encodeFunctionData({ abi, functionName: 'withdraw', args: [id, number] });
    const explanation = `You take contribution ${number} to Datanet ${id} back; ${after}`;
    return planOf(context, 'withdraw-contribution', explanation, { to, data });
  }
  const { batch, place } = input;
  const terms = batch.contributions[place];
  if (!terms) throw new BadInputError('The place', `${place} lies outside the batch`);
  const tree = batchTree(batch.contributions);
  const args = [batch.datanet, tree.root, contributionItem(terms), tree.proof(place)] as const;
  const data = encodeFunctionData({ abi, functionName: 'withdrawFromBatch', args });
  const explanation = `You take your contribution in batch ${shortHex(tree.root)} of Datanet ${batch.datanet} back; ${after}`;
  return planOf(context, 'withdraw-contribution', explanation, { to, data });
}
