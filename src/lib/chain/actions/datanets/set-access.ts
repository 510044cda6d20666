// Sets who may contribute to a Datanet. Its owner only.

import { encodeFunctionData } from 'viem';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { accessWords } from './create-datanet.ts';
import { requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface DatanetAccess {
  datanet: bigint;
  isOpen: boolean;
  /** Whole OPEN a contributor must have staked. */
  minStakeOpen: number;
}

/**
 * @example
 * import { setAccess } from '#lib/chain/actions/datanets/set-access.ts';
 *
 * await run(await setAccess(chain, { datanet: 3n, isOpen: true, minStakeOpen: 100 }));
 */
export async function setAccess(context: ChainContext, input: DatanetAccess): Promise<ActionPlan> {
  const id = requireId(input.datanet, 'The Datanet');
  const minStake = requireSmall(input.minStakeOpen, 32, 'The least stake');
  const args = [id, input.isOpen, minStake] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'setAccess', args });
  const explanation = `From now on ${accessWords(input.isOpen, minStake)} to Datanet ${id}`;
  return planOf(context, 'set-access', explanation, { to: context.addresses.DatanetRegistry, data });
}
