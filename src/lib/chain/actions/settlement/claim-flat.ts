// Pays a holder its part of a Datanet version's flat income, by its number of rows. Any account may send it.

import { encodeFunctionData, type Hex } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAddress, requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { inOpen } from '../../words/amount-words.ts';

export interface FlatClaim {
  datanet: bigint;
  version: number;
  /** `Holder` of IAttributionLedger, see settlement/claims.ts. */
  holder: {
    account: Hex;
    rowsRoot: Hex;
    rows: number;
    place: bigint;
    siblings: readonly Hex[];
    sums: readonly bigint[];
  };
}

/**
 * @example
 * import { claimFlat } from '#lib/chain/actions/settlement/claim-flat.ts';
 * import { holderClaims } from '#lib/settlement/claims.ts';
 *
 * const holders = version.contributors.map(({ address, rows, root }) => ({ account: address, rows, rowsRoot: root }));
 * const [holder] = holderClaims(holders, account);
 * await run(await claimFlat(chain, { datanet: 3n, version: 2, holder: holder! }));
 */
export async function claimFlat(context: ChainContext, input: FlatClaim): Promise<ActionPlan> {
  const datanet = requireId(input.datanet, 'The Datanet');
  const version = requireSmall(input.version, 32, 'The version', 1);
  const { holder } = input;
  const account = requireAddress(holder.account, 'The account');
  if (holder.siblings.length !== holder.sums.length) throw new BadInputError('The proof', 'needs a sum for each hash');
  const to = context.addresses.AttributionLedger;
  const args = [datanet, version] as const;
  const incomeWei = await context.read.readContract({
    address: to,
    abi: attributionLedgerAbi,
    functionName: 'income',
    args,
  });
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'claimFlat', args: [...args, holder] });
  const explanation = `The ledger pays ${account} its part, by ${counted(holder.rows, 'row')}, of the ${inOpen(incomeWei)} that version ${version} of Datanet ${datanet} has earned in all`;
  return planOf(context, 'claim-flat', explanation, { to, data });
}
