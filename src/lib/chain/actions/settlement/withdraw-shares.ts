// Pays an account what the ledger of attributions has credited to it: the curator's part of flat money, and payouts of models without
// Datanets. Any account may send it.

import { encodeFunctionData } from 'viem';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAddress } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { inOpen } from '../../words/amount-words.ts';

/**
 * @example
 * import { withdrawShares } from '#lib/chain/actions/settlement/withdraw-shares.ts';
 *
 * await run(await withdrawShares(chain, account));
 */
export async function withdrawShares(context: ChainContext, named: string): Promise<ActionPlan> {
  const account = requireAddress(named, 'The account');
  const to = context.addresses.AttributionLedger;
  const args = [account] as const;
  const wei = await context.read.readContract({ address: to, abi: attributionLedgerAbi, functionName: 'credit', args });
  if (wei === 0n) throw new BadInputError('The credit', 'is nothing');
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'withdraw', args });
  return planOf(context, 'withdraw-shares', `The ledger pays ${account} ${inOpen(wei)} that is credited to it`, {
    to,
    data,
  });
}
