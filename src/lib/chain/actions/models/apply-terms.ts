// Applies a model's announced terms once their time has come. Anyone may.

import { encodeFunctionData } from 'viem';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireId } from '../../input.ts';
import { termsWords } from './model-terms.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { applyTerms } from '#lib/chain/actions/models/apply-terms.ts';
 *
 * const plan = await applyTerms(chain, 7n);
 * show(plan.steps[0].explanation);
 * await run(plan);
 */
export async function applyTerms(context: ChainContext, model: bigint): Promise<ActionPlan> {
  const args = [requireId(model, 'The model')] as const;
  const to = context.addresses.ModelRegistry;
  const asked = { address: to, abi: modelRegistryAbi, functionName: 'announcedTermsOf', args } as const;
  const terms = await context.read.readContract(asked);
  if (terms.effectiveAt === 0) throw new BadInputError('The model', 'has no announced terms');
  const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: 'applyTerms', args });
  const explanation = `From now on income of model ${model} is split like this: ${termsWords(terms)}`;
  return planOf(context, 'apply-terms', explanation, { to, data });
}
