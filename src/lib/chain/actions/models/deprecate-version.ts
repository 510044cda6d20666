// Deprecates a model version permanently. Its owner only.

import { encodeFunctionData } from 'viem';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import type { ChainContext } from '../../context.ts';
import { requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface VersionOfModel {
  model: bigint;
  version: number;
}

/**
 * @example
 * import { deprecateVersion } from '#lib/chain/actions/models/deprecate-version.ts';
 *
 * await run(await deprecateVersion(chain, { model: 7n, version: 1 }));
 */
export async function deprecateVersion(context: ChainContext, input: VersionOfModel): Promise<ActionPlan> {
  const args = [requireId(input.model, 'The model'), requireSmall(input.version, 32, 'The version', 1)] as const;
  const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: 'deprecate', args });
  const explanation = `Version ${args[1]} of model ${args[0]} is marked as no longer to be used, for ever`;
  return planOf(context, 'deprecate-version', explanation, { to: context.addresses.ModelRegistry, data });
}
