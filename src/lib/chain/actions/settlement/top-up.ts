// Adds OPEN to the sender's channel, unless it is closing.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { approvalFor } from '../token/approve.ts';
import { requireChannel } from '../../vouchers/channel.ts';
import { requireAmount } from '../../input.ts';
import type { NewChannel } from './open-channel.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { parseEther } from 'viem';
 * import { topUp } from '#lib/chain/actions/settlement/top-up.ts';
 *
 * const plan = await topUp(chain, { node, signer: sessionKey, amountWei: parseEther('5') });
 * // An approval comes first where the allowance is too small.
 * show(plan.steps.map(({ explanation }) => explanation));
 */
export async function topUp(context: ChainContext, input: Omit<NewChannel, 'permitUntil'>): Promise<ActionPlan> {
  const { node, signer } = requireChannel(input);
  const amountWei = requireAmount(input.amountWei, 'The deposit');
  const to = context.addresses.Settlement;
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'topUp', args: [node, signer, amountWei] });
  const before = await approvalFor(context, to, amountWei, 'as deposit of a channel');
  return planOf(context, 'top-up', `You add ${inOpen(amountWei)} to your channel to ${node}`, { to, data }, before);
}
