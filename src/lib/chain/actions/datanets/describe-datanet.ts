// Replaces the description and the tags of a Datanet. Its owner only.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { tagWords } from './create-datanet.ts';
import { requireHash, requireId } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface DatanetDescription {
  datanet: bigint;
  /** sha2-256 digest of the description's CID. */
  meta: string;
  tags: readonly string[];
}

/**
 * @example
 * import { describeDatanet } from '#lib/chain/actions/datanets/describe-datanet.ts';
 * import { toHex } from '#lib/core/bytes.ts';
 * import { encodeAbout } from '#lib/formats/datanet/datanet-about.ts';
 *
 * const { cid } = encodeAbout(about, digester);
 * await run(await describeDatanet(chain, { datanet: 3n, meta: toHex(cid.multihash.digest), tags: ['birds'] }));
 */
export async function describeDatanet(context: ChainContext, input: DatanetDescription): Promise<ActionPlan> {
  const id = requireId(input.datanet, 'The Datanet');
  const args = [id, requireHash(input.meta, 'The description'), tagWords(input.tags)] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'setMeta', args });
  const explanation = `Datanet ${id} gets a new description and ${counted(input.tags.length, 'tag')}`;
  return planOf(context, 'describe-datanet', explanation, { to: context.addresses.DatanetRegistry, data });
}
