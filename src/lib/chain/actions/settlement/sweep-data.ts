// Moves the contributors' share from the Settlement to the ledger that pays them. Anyone may.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { sweepData } from '#lib/chain/actions/settlement/sweep-data.ts';
 *
 * const plan = await sweepData(chain);
 * show(plan.steps[0].explanation);
 * await run(plan);
 */
export async function sweepData(context: ChainContext): Promise<ActionPlan> {
  const to = context.addresses.Settlement;
  const owed = await context.read.readContract({ address: to, abi: settlementAbi, functionName: 'dataOwed' });
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'sweepData' });
  const explanation = `The Settlement moves ${inOpen(owed)} for contributors of data to the ledger that pays them`;
  return planOf(context, 'sweep-data', explanation, { to, data });
}
