// Pays out the credit of a maker, node or treasury: the sender's own credit to any address, another account's only to that account.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/** `to`: where to send the sender's credit. `account`: whose credit to pay out, to that account. */
export type CreditWithdrawal = { to: string } | { account: string };

/**
 * @example
 * import { withdrawCredit } from '#lib/chain/actions/settlement/withdraw-credit.ts';
 *
 * await run(await withdrawCredit(chain, { to: account }));
 * // The credit of another account goes to that account.
 * await run(await withdrawCredit(chain, { account: node }));
 */
export async function withdrawCredit(context: ChainContext, input: CreditWithdrawal): Promise<ActionPlan> {
  const { account: mine } = await context.signer();
  const address = context.addresses.Settlement;
  const owner = 'account' in input ? requireAddress(input.account, 'The account') : mine.address;
  const asked = { address, abi: settlementAbi, functionName: 'credit', args: [owner] } as const;
  const amount = inOpen(await context.read.readContract(asked));
  if ('account' in input) {
    const data = encodeFunctionData({ abi: settlementAbi, functionName: 'withdrawFor', args: [owner] });
    return planOf(context, 'withdraw-credit', `The Settlement pays ${amount} that ${owner} earned to ${owner}`, {
      to: address,
      data,
    });
  }
  const to = requireAddress(input.to, 'The receiver');
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'withdraw', args: [to] });
  return planOf(context, 'withdraw-credit', `The Settlement pays ${amount} that you earned to ${to}`, {
    to: address,
    data,
  });
}
