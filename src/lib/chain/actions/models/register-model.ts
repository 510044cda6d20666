// Registers a model with its first version, terms that apply at once, and prices.

import { encodeFunctionData } from 'viem';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { licenceWords } from '../../words/licence-words.ts';
import { requireSmall } from '../../input.ts';
import { citesWords, requireRelease, type ModelRelease } from './model-release.ts';
import { requireTerms, termsWords, type ModelTerms } from './model-terms.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { requirePrices, type Prices } from './set-price.ts';

export interface NewModel extends Prices {
  base: number;
  licence: number;
  terms: ModelTerms;
  first: ModelRelease;
}

/**
 * @example
 * import { parseEther } from 'viem';
 * import { registerModel } from '#lib/chain/actions/models/register-model.ts';
 *
 * const terms = { payout: account, devBps: 4_000, dataBps: 4_000, nodeBps: 2_000 };
 * const prices = { perCallWei: parseEther('0.01'), per1kTokensWei: parseEther('0.05') };
 * await run(await registerModel(chain, { base: 1, licence: 2, terms, first: release, ...prices }));
 */
export async function registerModel(context: ChainContext, input: NewModel): Promise<ActionPlan> {
  const base = requireSmall(input.base, 32, 'The base model', 1);
  const licence = requireSmall(input.licence, 32, 'The licence', 1);
  const prices = requirePrices(input);
  const args = [base, licence, requireTerms(input.terms), ...prices, requireRelease(input.first)] as const;
  const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: 'register', args });
  const explanation = `You register a model on base ${base} under ${licenceWords(licence)}, ${citesWords(input.first)}; a call costs ${inOpen(prices[0])}, of which after the fee ${termsWords(input.terms)}`;
  return planOf(context, 'register-model', explanation, { to: context.addresses.ModelRegistry, data });
}
