// Ends a demand that was not answered in 72 hours: the commitment is void, and the account that demanded gets fee and deposit. Any
// account may send it.

import { encodeFunctionData } from 'viem';
import { influenceBookAbi } from '../../abi/influence-book.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { requireRowPlace, type RowPlace } from './demand-row.ts';

/**
 * @example
 * import { endDemand } from '#lib/chain/actions/settlement/end-demand.ts';
 *
 * await run(await endDemand(chain, { model: 7n, version: 2, index: 5 }));
 */
export async function endDemand(context: ChainContext, place: RowPlace): Promise<ActionPlan> {
  const { args, name } = requireRowPlace(place);
  const data = encodeFunctionData({ abi: influenceBookAbi, functionName: 'endDemand', args });
  const explanation = `The demand for ${name} ends without an answer: the commitment is void, and the account that demanded gets its fee and the deposit`;
  return planOf(context, 'end-demand', explanation, { to: context.addresses.InfluenceBook, data });
}
