// Commits, once per model version, the influence of its rows on answers, by which contributors are paid. Its owner only.

import { encodeFunctionData } from 'viem';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import { inPercent } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { requireBps, requireHash, requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface InfluenceCommitment {
  model: bigint;
  version: number;
  /** sha2-256 digest of the artefact's CID. */
  artefact: string;
  /** `root` of formats/payment/influence.ts. */
  influenceRoot: string;
  /** Measured agreement with real retraining. */
  rhoBps: number;
}

/**
 * @example
 * import { commitInfluence } from '#lib/chain/actions/models/commit-influence.ts';
 *
 * const commitment = { artefact: digest, influenceRoot: influence.root, rhoBps: 8_700 };
 * await run(await commitInfluence(chain, { model: 7n, version: 2, ...commitment }));
 */
export async function commitInfluence(context: ChainContext, input: InfluenceCommitment): Promise<ActionPlan> {
  const id = requireId(input.model, 'The model');
  const version = requireSmall(input.version, 32, 'The version', 1);
  const artefact = requireHash(input.artefact, 'The artefact');
  const root = requireHash(input.influenceRoot, 'The root of the rows’ influence');
  const rhoBps = requireBps(input.rhoBps, 'The measured agreement');
  const args = [id, version, artefact, root, rhoBps] as const;
  const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: 'commitInfluence', args });
  const explanation = `You commit, for good, how the rows of model ${id} v${version} weigh on answers; measured agreement ${inPercent(BigInt(rhoBps))}`;
  return planOf(context, 'commit-influence', explanation, { to: context.addresses.ModelRegistry, data });
}
