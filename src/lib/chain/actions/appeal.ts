// Appeals the rejection of one's contribution. Curators may still accept it; after three days governance decides.

import { encodeFunctionData } from 'viem';
import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import type { ChainContext } from '../context.ts';
import { BadInputError, requireId, requireSmall } from './input.ts';
import { reasonWord } from './judge.ts';
import { planOf, type ActionPlan } from './plan.ts';

export interface Appeal {
  datanet: bigint;
  contribution: number;
  reason: string;
}

export async function appeal(context: ChainContext, input: Appeal): Promise<ActionPlan> {
  const id = requireId(input.datanet, 'The Datanet');
  const number = requireSmall(input.contribution, 32, 'The contribution', 1);
  if (input.reason.trim() === '') throw new BadInputError('The reason', 'of the appeal is missing');
  const args = [id, number, reasonWord(input.reason)] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'appeal', args });
  const explanation = `You appeal the rejection of contribution ${number} to Datanet ${id}; governance may decide in three days`;
  return planOf(context, 'appeal', explanation, { to: context.addresses.DatanetRegistry, data });
}
