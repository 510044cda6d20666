// Approves an amount of OPEN by a signature that any account may send to the chain (ERC-2612): the owner pays no fee.

import { encodeFunctionData } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import { asTime } from '#lib/core/time-words.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import type { Step } from '../../tx/plan.ts';
import { signPermit, type Permit } from './sign-permit.ts';

/**
 * Requests the signature; any account may send the returned step.
 *
 * @example
 * import { parseEther } from 'viem';
 * import { permit } from '#lib/chain/actions/token/permit.ts';
 *
 * const step = await permit(chain, { spender: node, amountWei: parseEther('20'), deadline });
 * await nodeWallet.sendTransaction({ to: step.to, data: step.data });
 */
export async function permit(context: ChainContext, input: Permit): Promise<Step> {
  const { owner, spender, amountWei, deadline, v, r, s } = await signPermit(context, input);
  const args = [owner, spender, amountWei, deadline, v, r, s] as const;
  return {
    verb: 'permit',
    explanation: `${spender} may take ${inOpen(amountWei)} of ${owner}, by a signature that counts until ${asTime(deadline)}`,
    to: context.addresses.OpenToken,
    data: encodeFunctionData({ abi: openTokenAbi, functionName: 'permit', args }),
    valueWei: 0n,
  };
}
