// Opens a channel with its payer's signature. The sender pays the fee, the payer the deposit.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import type { SignedChannel } from './sign-channel.ts';

/**
 * @example
 * import { parseEther } from 'viem';
 * import { bringChannel } from '#lib/chain/actions/settlement/bring-channel.ts';
 * import { signChannel } from '#lib/chain/actions/settlement/sign-channel.ts';
 *
 * const signed = await signChannel(payer, { node, signer: sessionKey, amountWei: parseEther('20'), deadline });
 * await run(await bringChannel(chain, signed));
 */
export async function bringChannel(context: ChainContext, signed: SignedChannel): Promise<ActionPlan> {
  const { payer, node, signer, amountWei, deadline, signature } = signed;
  const args = [payer, node, signer, amountWei, deadline, signature] as const;
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'openFor', args });
  const explanation = `You open a channel of ${payer} to ${node} and pay the fee; ${inOpen(amountWei)} of the payer go into it, to be spent by the session key ${signer}`;
  return planOf(context, 'open-channel', explanation, { to: context.addresses.Settlement, data });
}
