// Sets the price of a model's calls. Its owner only.

import { encodeFunctionData } from 'viem';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { requireId, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface Prices {
  perCallWei: bigint;
  per1kTokensWei: bigint;
}

/** Both may be zero. A payment has at most 96 bits, so prices have, too. */
export const requirePrices = ({ perCallWei, per1kTokensWei }: Prices): [bigint, bigint] => [
  requireWhole(perCallWei, 96, 'The price of a call'),
  requireWhole(per1kTokensWei, 96, 'The price of a thousand tokens'),
];

/**
 * @example
 * import { parseEther } from 'viem';
 * import { setPrice } from '#lib/chain/actions/models/set-price.ts';
 *
 * const prices = { perCallWei: 0n, per1kTokensWei: parseEther('0.05') };
 * await run(await setPrice(chain, { model: 7n, ...prices }));
 */
export async function setPrice(context: ChainContext, input: Prices & { model: bigint }): Promise<ActionPlan> {
  const id = requireId(input.model, 'The model');
  const [perCall, per1k] = requirePrices(input);
  const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: 'setPrice', args: [id, perCall, per1k] });
  const explanation = `From now on a call of model ${id} costs ${inOpen(perCall)}, and ${inOpen(per1k)} per thousand tokens`;
  return planOf(context, 'set-price', explanation, { to: context.addresses.ModelRegistry, data });
}
