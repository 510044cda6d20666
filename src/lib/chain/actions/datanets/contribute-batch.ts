// Anchors many signed contributions by one root: one transaction, one storage slot. The signed contributions are stored on IPFS.

import { encodeFunctionData, type Hex } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { buildMerkleTree, standardLeaf, type MerkleTree } from '#lib/core/merkle.ts';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { contributionItem, type ContributionTerms } from './sign-contribution.ts';

export interface ContributionBatch {
  datanet: bigint;
  contributions: readonly ContributionTerms[];
}

/** The leaf that a contributor proves to withdraw. */
const batchLeaf = (terms: ContributionTerms): Hex => standardLeaf(terms.contributor, contributionItem(terms));

/** The tree over a batch, in the order given. */
export const batchTree = (contributions: readonly ContributionTerms[]): MerkleTree =>
  buildMerkleTree(contributions.map(batchLeaf));

/**
 * @example
 * import { contributeBatch } from '#lib/chain/actions/datanets/contribute-batch.ts';
 * import { parseOffer } from '#lib/chain/actions/datanets/offer.ts';
 *
 * const contributions = texts.map((text) => parseOffer(text).terms);
 * await run(await contributeBatch(chain, { datanet: 3n, contributions }));
 */
export async function contributeBatch(context: ChainContext, input: ContributionBatch): Promise<ActionPlan> {
  const { contributions } = input;
  const id = requireId(input.datanet, 'The Datanet');
  const count = requireSmall(contributions.length, 32, 'The number of contributions', 1);
  const stray = contributions.find(({ datanet }) => datanet !== id);
  if (stray) throw new BadInputError('The batch', `holds a contribution to Datanet ${stray.datanet}`);
  const args = [id, batchTree(contributions).root, count] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'contributeBatch', args });
  const rows = contributions.reduce((sum, one) => sum + one.rows, 0);
  const explanation = `You bring ${counted(count, 'signed contribution')} with ${counted(rows, 'row')} to Datanet ${id} as one batch`;
  return planOf(context, 'contribute-batch', explanation, { to: context.addresses.DatanetRegistry, data });
}
