// Gives the bond of a proposal back when its pot became flat without the court. Any account may send it.

import { encodeFunctionData } from 'viem';
import type { ProposalMeta } from '#lib/formats/payment/court-game.ts';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { inOpen } from '../../words/amount-words.ts';
import { bondWei } from './court-call.ts';

/**
 * @example
 * import { releaseBond } from '#lib/chain/actions/settlement/release-bond.ts';
 *
 * await run(await releaseBond(chain, move.meta));
 */
export async function releaseBond(context: ChainContext, meta: ProposalMeta): Promise<ActionPlan> {
  const data = encodeFunctionData({ abi: attributionCourtAbi, functionName: 'release', args: [meta] });
  const explanation = `${meta.proposer} gets its bond of ${inOpen(bondWei(meta.draft.pool))} for pot ${meta.id} back, which became flat`;
  return planOf(context, 'release-bond', explanation, { to: context.addresses.AttributionCourt, data });
}
