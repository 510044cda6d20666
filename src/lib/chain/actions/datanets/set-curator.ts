// Adds or removes a curator of a Datanet. Its owner only, who is always a curator.

import { encodeFunctionData } from 'viem';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress, requireId } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface CuratorChange {
  datanet: bigint;
  curator: string;
  isAllowed: boolean;
}

/**
 * @example
 * import { setCurator } from '#lib/chain/actions/datanets/set-curator.ts';
 *
 * await run(await setCurator(chain, { datanet: 3n, curator: account, isAllowed: true }));
 */
export async function setCurator(context: ChainContext, input: CuratorChange): Promise<ActionPlan> {
  const id = requireId(input.datanet, 'The Datanet');
  const curator = requireAddress(input.curator, 'The curator');
  const args = [id, curator, input.isAllowed] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'setCurator', args });
  const explanation = `${curator} ${input.isAllowed ? 'may' : 'may no longer'} judge contributions to Datanet ${id} and publish its versions`;
  return planOf(context, 'set-curator', explanation, { to: context.addresses.DatanetRegistry, data });
}
