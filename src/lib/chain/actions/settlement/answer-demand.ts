// Shows a row that was demanded; any account may, and gets the fee.

import { encodeFunctionData } from 'viem';
import type { ShownRow } from '#lib/formats/payment/court-game.ts';
import { influenceBookAbi } from '../../abi/influence-book.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { requireRowPlace, type RowPlace } from './demand-row.ts';

export interface DemandedRow extends RowPlace {
  /** See settlement/known-influence.ts. */
  shown: ShownRow;
}

/**
 * @example
 * import { answerDemand } from '#lib/chain/actions/settlement/answer-demand.ts';
 * import { showRow } from '#lib/settlement/known-influence.ts';
 *
 * await run(await answerDemand(chain, { model: 7n, version: 2, index: 5, shown: showRow(known, 5) }));
 */
export async function answerDemand(context: ChainContext, { shown, ...place }: DemandedRow): Promise<ActionPlan> {
  const { args, name } = requireRowPlace(place);
  const data = encodeFunctionData({ abi: influenceBookAbi, functionName: 'answerDemand', args: [...args, shown] });
  const explanation = `You show ${name}, and get the fee of the demand`;
  return planOf(context, 'answer-demand', explanation, { to: context.addresses.InfluenceBook, data });
}
