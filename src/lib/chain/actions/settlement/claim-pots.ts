// Pays an account what final lists owe it, many pots in one transfer. Any account may send it; the OPEN goes to the named one.

import { encodeFunctionData, type Hex } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAddress, requireAmount } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { inOpen } from '../../words/amount-words.ts';

/** `Claim` of IAttributionLedger: an account's word in the list of pot `id`. */
export interface Claim {
  id: bigint;
  index: bigint;
  amount: bigint;
  path: readonly Hex[];
}

export interface PotClaims {
  account: string;
  claims: readonly Claim[];
}

const MOST_CLAIMS = 150;

/** The claims that are not paid yet. */
async function unpaid({ read, addresses }: ChainContext, account: Hex, claims: readonly Claim[]): Promise<Claim[]> {
  const ledger = { address: addresses.AttributionLedger, abi: attributionLedgerAbi } as const;
  const paid = await Promise.all(
    claims.map(({ id }) => read.readContract({ ...ledger, functionName: 'isClaimed', args: [id, account] })),
  );
  return claims.filter((_, at) => !paid[at]);
}

/**
 * Claims that were paid before are left out.
 *
 * @example
 * import { claimPots } from '#lib/chain/actions/settlement/claim-pots.ts';
 * import { potClaim } from '#lib/settlement/claims.ts';
 *
 * await run(await claimPots(chain, { account, claims: [potClaim(12n, pot.list, account)] }));
 */
export async function claimPots(context: ChainContext, { account: named, claims }: PotClaims): Promise<ActionPlan> {
  const account = requireAddress(named, 'The account');
  if (claims.length === 0 || claims.length > MOST_CLAIMS)
    throw new BadInputError('The claims', `must be 1 to ${MOST_CLAIMS}`);
  claims.forEach(({ amount }) => requireAmount(amount, 'The claim'));
  const open = await unpaid(context, account, claims);
  if (open.length === 0) throw new BadInputError('The claims', 'were all paid before');
  const sum = open.reduce((all, { amount }) => all + amount, 0n);
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'claimMany', args: [account, open] });
  const explanation = `The ledger pays ${inOpen(sum)} to ${account} for rows that shaped answers, of ${counted(open.length, 'pot')}`;
  return planOf(context, 'claim-pots', explanation, { to: context.addresses.AttributionLedger, data });
}
