// Opens a channel: OPEN that a session key may spend at one node, by vouchers.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { approvalFor } from '../token/approve.ts';
import { requireChannel, type ChannelOf } from '../../vouchers/channel.ts';
import { requireAmount } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { signPermit } from '../token/sign-permit.ts';

export interface NewChannel extends ChannelOf {
  amountWei: bigint;
  /** Approve the amount with a permit valid until then (seconds since 1970), instead of a transaction. */
  permitUntil?: bigint;
}

/**
 * @example
 * import { parseEther } from 'viem';
 * import { openChannel } from '#lib/chain/actions/settlement/open-channel.ts';
 *
 * const channel = { node, signer: sessionKey, amountWei: parseEther('20') };
 * await run(await openChannel(chain, { ...channel, permitUntil: deadline }));
 */
export async function openChannel(context: ChainContext, input: NewChannel): Promise<ActionPlan> {
  const { node, signer } = requireChannel(input);
  const amountWei = requireAmount(input.amountWei, 'The deposit');
  const to = context.addresses.Settlement;
  const explanation = `You put ${inOpen(amountWei)} into a channel to ${node}, to be spent by your session key ${signer}; the rest comes back when you close it`;
  if (input.permitUntil !== undefined) {
    const { deadline, v, r, s } = await signPermit(context, { spender: to, amountWei, deadline: input.permitUntil });
    const args = [node, signer, amountWei, deadline, v, r, s] as const;
    const data = encodeFunctionData({ abi: settlementAbi, functionName: 'openWithPermit', args });
    return planOf(context, 'open-channel', explanation, { to, data });
  }
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'open', args: [node, signer, amountWei] });
  const before = await approvalFor(context, to, amountWei, 'as deposit of a channel');
  return planOf(context, 'open-channel', explanation, { to, data }, before);
}
