// Decides a batch of signed contributions, once. Curators only.

import { encodeFunctionData, zeroHash } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { shortHex } from '../../words/short-words.ts';
import { requireAddress, requireHash, requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface BatchJudgement {
  datanet: bigint;
  /** The account that anchored it. */
  sender: string;
  root: string;
  accepted: number;
  /** Digest of the list of decisions with their reasons; null only when all were accepted. */
  decisions: string | null;
}

/**
 * @example
 * import { judgeBatch } from '#lib/chain/actions/datanets/judge-batch.ts';
 *
 * const batch = { datanet: 3n, sender: account, root };
 * await run(await judgeBatch(chain, { ...batch, accepted: 40, decisions: digest }));
 */
export async function judgeBatch(context: ChainContext, input: BatchJudgement): Promise<ActionPlan> {
  const id = requireId(input.datanet, 'The Datanet');
  const sender = requireAddress(input.sender, 'The sender of the batch');
  const root = requireHash(input.root, 'The root of the batch');
  const accepted = requireSmall(input.accepted, 32, 'The number of accepted contributions');
  const decisions = input.decisions === null ? zeroHash : requireHash(input.decisions, 'The list of decisions');
  const args = [id, sender, root, accepted, decisions] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'judgeBatch', args });
  const explanation = `You accept ${counted(accepted, 'contribution')} of the batch ${shortHex(root)} of ${sender} to Datanet ${id} and reject the others, for good`;
  return planOf(context, 'judge-batch', explanation, { to: context.addresses.DatanetRegistry, data });
}
