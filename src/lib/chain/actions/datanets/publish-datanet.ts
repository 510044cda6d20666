// Publishes the next version of a Datanet. Curators only; when two publish on the same parent, the second is refused.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { requireHash, requireId, requireSmall, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface DatanetVersion {
  datanet: bigint;
  /** sha2-256 digest of the version's CID. */
  manifest: string;
  rowsRoot: string;
  /** Merkle-sum root of each contributor's rows in it. */
  sharesRoot: string;
  rows: number;
  /** The newest version, 0 for the first. */
  parent: number;
  /** How many withdrawals it considers, in the order of their logs. Default: all that there are now. */
  withdrawals?: bigint;
}

/**
 * @example
 * import { publishDatanet } from '#lib/chain/actions/datanets/publish-datanet.ts';
 * import { sharesRoot } from '#lib/dataset/shares-root.ts';
 *
 * const { rowRoot: rowsRoot, stats, n } = version.version;
 * const roots = { manifest: digest, rowsRoot, sharesRoot: sharesRoot(version.contributors) };
 * await run(await publishDatanet(chain, { datanet: 3n, ...roots, rows: stats.rows, parent: n - 1 }));
 */
export async function publishDatanet(context: ChainContext, input: DatanetVersion): Promise<ActionPlan> {
  const id = requireId(input.datanet, 'The Datanet');
  const parent = requireSmall(input.parent, 32, 'The version before');
  const rows = Number(requireWhole(input.rows, 48, 'The number of rows', 1));
  const roots = [
    requireHash(input.manifest, 'The manifest'),
    requireHash(input.rowsRoot, 'The root of the rows'),
    requireHash(input.sharesRoot, 'The root of the shares'),
  ] as const;
  const to = context.addresses.DatanetRegistry;
  const registry = { address: to, abi: datanetRegistryAbi } as const;
  const withdrawals =
    input.withdrawals ?? (await context.read.readContract({ ...registry, functionName: 'withdrawalsOf', args: [id] }));
  const args = [id, ...roots, rows, parent, withdrawals] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'publish', args });
  const explanation = `You publish version ${parent + 1} of Datanet ${id} with ${counted(rows, 'row')}`;
  return planOf(context, 'publish-datanet', explanation, { to, data });
}
