// Appeals the rejection of the sender's contribution. Curators may still accept it; after three days governance decides.

import { encodeFunctionData, type Hex } from 'viem';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireHash, requireId, requireSmall } from '../../input.ts';
import { reasonWord } from './judge.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface Appeal {
  datanet: bigint;
  contribution: number;
  /** Up to 31 bytes are stored on the chain; of a longer text its hash. */
  reason?: string;
  /** sha2-256 digest of a text stored off chain; instead of `reason`. */
  text?: Hex;
}

/**
 * @example
 * import { appeal } from '#lib/chain/actions/datanets/appeal.ts';
 *
 * await run(await appeal(chain, { datanet: 3n, contribution: 12, reason: 'These rows are not copies' }));
 */
export async function appeal(context: ChainContext, input: Appeal): Promise<ActionPlan> {
  const id = requireId(input.datanet, 'The Datanet');
  const number = requireSmall(input.contribution, 32, 'The contribution', 1);
  const { reason = '', text } = input;
  if (text === undefined && reason.trim() === '') throw new BadInputError('The reason', 'of the appeal is missing');
  const word = text === undefined ? reasonWord(reason) : requireHash(text, 'The text of the appeal');
  const args = [id, number, word] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'appeal', args });
  const explanation = `You appeal the rejection of contribution ${number} to Datanet ${id}; governance may decide in three days`;
  return planOf(context, 'appeal', explanation, { to: context.addresses.DatanetRegistry, data });
}
