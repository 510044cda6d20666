// Stops all windows and clocks of the court for 72 hours, at most once in 30 days: for an outage in which no side can answer. The
// guardian only.

import { encodeFunctionData } from 'viem';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { holdCourt } from '#lib/chain/actions/governance/hold-court.ts';
 *
 * await run(await holdCourt(chain));
 */
export async function holdCourt(context: ChainContext): Promise<ActionPlan> {
  const data = encodeFunctionData({ abi: attributionCourtAbi, functionName: 'hold' });
  const explanation =
    'You stop all windows and clocks of the court of attribution for 72 hours, except those of your own proposals';
  return planOf(context, 'hold-court', explanation, { to: context.addresses.AttributionCourt, data });
}
