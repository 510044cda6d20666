// Announces new terms of a model, which are in force three days later by time alone. Its owner only.

import { encodeFunctionData } from 'viem';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import type { ChainContext } from '../../context.ts';
import { requireId } from '../../input.ts';
import { requireTerms, termsWords, type ModelTerms } from './model-terms.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface NewTerms {
  model: bigint;
  terms: ModelTerms;
}

/**
 * @example
 * import { announceTerms } from '#lib/chain/actions/models/announce-terms.ts';
 *
 * const terms = { payout: account, devBps: 4_000, dataBps: 4_000, nodeBps: 2_000 };
 * await run(await announceTerms(chain, { model: 7n, terms }));
 */
export async function announceTerms(context: ChainContext, { model, terms }: NewTerms): Promise<ActionPlan> {
  const id = requireId(model, 'The model');
  const args = [id, requireTerms(terms)] as const;
  const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: 'announceTerms', args });
  const explanation = `You announce that income of model ${id} will be split anew, from three days after this transaction: ${termsWords(terms)}`;
  return planOf(context, 'announce-terms', explanation, { to: context.addresses.ModelRegistry, data });
}
