// Publishes the next version of a model. Its owner only.

import { encodeFunctionData } from 'viem';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import type { ChainContext } from '../../context.ts';
import { requireId } from '../../input.ts';
import { citesWords, requireRelease, type ModelRelease } from './model-release.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface NextVersion {
  model: bigint;
  release: ModelRelease;
}

/**
 * @example
 * import { publishModel } from '#lib/chain/actions/models/publish-model.ts';
 *
 * const refs = [{ datanet: 3n, version: 5, weight: 1 }];
 * const next = { ...release, parent: { model: 7n, version: 1 }, refs };
 * await run(await publishModel(chain, { model: 7n, release: next }));
 */
export async function publishModel(context: ChainContext, { model, release }: NextVersion): Promise<ActionPlan> {
  const id = requireId(model, 'The model');
  const args = [id, requireRelease(release)] as const;
  const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: 'publish', args });
  const explanation = `You publish the next version of model ${id}, ${citesWords(release)}`;
  return planOf(context, 'publish-model', explanation, { to: context.addresses.ModelRegistry, data });
}
