// Contributes rows to a Datanet as the sender.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { requireHash, requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface NewContribution {
  datanet: bigint;
  /** sha2-256 digest of the rows' CID. */
  content: string;
  rows: number;
  /** Merkle root over the rows. */
  rowsRoot: string;
}

/** Checks the fields that every way of contributing shares. */
export const requireContribution = ({ datanet, content, rows, rowsRoot }: NewContribution) => ({
  datanet: requireId(datanet, 'The Datanet'),
  content: requireHash(content, 'The content'),
  rows: requireSmall(rows, 24, 'The number of rows', 1),
  rowsRoot: requireHash(rowsRoot, 'The root of the rows'),
});

/**
 * @example
 * import { contribute } from '#lib/chain/actions/datanets/contribute.ts';
 *
 * const plan = await contribute(chain, { datanet: 3n, content: digest, rows: 250, rowsRoot: root });
 * if (await run(plan)) show('A curator decides now');
 */
export async function contribute(context: ChainContext, input: NewContribution): Promise<ActionPlan> {
  const { datanet, content, rows, rowsRoot } = requireContribution(input);
  const args = [datanet, content, rows, rowsRoot] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'contribute', args });
  const explanation = `You contribute ${counted(rows, 'row')} to Datanet ${datanet} under its licence; its curators judge them`;
  return planOf(context, 'contribute', explanation, { to: context.addresses.DatanetRegistry, data });
}
