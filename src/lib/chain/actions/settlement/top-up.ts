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

export async function topUp(context: ChainContext, input: Omit<NewChannel, 'permitUntil'>): Promise<ActionPlan> {
  const { node, signer } = requireChannel(input);
  const amountWei = requireAmount(input.amountWei, 'The deposit');
  const to = context.addresses.Settlement;
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'topUp', args: [node, signer, amountWei] });
  const before = await approvalFor(context, to, amountWei, 'as deposit of a channel');
  return planOf(context, 'top-up', `You add ${inOpen(amountWei)} to your channel to ${node}`, { to, data }, before);
}
