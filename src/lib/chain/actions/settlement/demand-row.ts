// Demands that a row of a committed influence is shown within 72 hours, for a fee. A row that is not shown voids the commitment.

import { encodeFunctionData } from 'viem';
import { packParent } from '#lib/formats/payment/lineage.ts';
import { influenceBookAbi } from '../../abi/influence-book.ts';
import type { ChainContext } from '../../context.ts';
import { requireSmall, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { aboutEther } from '../../words/amount-words.ts';
import { quoteAnswerFee } from '../../tx/quote-answer-fee.ts';

/** A row of a model version's influence. */
export interface RowPlace {
  model: bigint;
  version: number;
  index: number;
}

/** Its arguments, and its name in words. */
export function requireRowPlace(input: RowPlace) {
  const model = requireWhole(input.model, 32, 'The model', 1);
  const version = requireSmall(input.version, 32, 'The version', 1);
  const index = requireSmall(input.index, 24, 'The row');
  return {
    args: [packParent({ model, version }), BigInt(index)] as const,
    name: `row ${index} of the influence of model ${model} v${version}`,
  };
}

/**
 * @example
 * import { demandRow } from '#lib/chain/actions/settlement/demand-row.ts';
 *
 * await run(await demandRow(chain, { model: 7n, version: 2, index: 5 }));
 */
export async function demandRow(context: ChainContext, place: RowPlace): Promise<ActionPlan> {
  const { args, name } = requireRowPlace(place);
  const valueWei = await quoteAnswerFee(context, 'InfluenceBook');
  const data = encodeFunctionData({ abi: influenceBookAbi, functionName: 'demandRow', args });
  const explanation = `You demand ${name} for a fee of ${aboutEther(valueWei)}, which the account gets that shows it within 72 hours`;
  return planOf(context, 'demand-row', explanation, { to: context.addresses.InfluenceBook, data, valueWei });
}
