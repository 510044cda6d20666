// Registers a base model that adapters can be made for. Anyone may do so, once per content.

import { encodeFunctionData } from 'viem';
import { modelRegistryAbi } from '../../abi/model-registry.ts';
import type { ChainContext } from '../../context.ts';
import { licenceWords } from '../../words/licence-words.ts';
import { requireHash, requireShortText, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface BaseModel {
  /** Short name of the architecture's family. */
  family: string;
  /** Hash of the configuration and of the weights' list. */
  architecture: string;
  licence: number;
}

/**
 * @example
 * import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
 *
 * const { family, id } = model;
 * await run(await addBase(chain, { family, architecture: `0x${id}`, licence: 11 }));
 */
export async function addBase(context: ChainContext, input: BaseModel): Promise<ActionPlan> {
  const family = requireShortText(input.family, 'The family');
  const architecture = requireHash(input.architecture, 'The architecture');
  const args = [family, architecture, requireSmall(input.licence, 32, 'The licence', 1)] as const;
  const data = encodeFunctionData({ abi: modelRegistryAbi, functionName: 'addBase', args });
  const explanation = `You enter a base model of the family ${input.family.trim()} under ${licenceWords(input.licence)}`;
  return planOf(context, 'add-base', explanation, { to: context.addresses.ModelRegistry, data });
}
