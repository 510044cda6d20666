// Claims contributors' earnings: the sender's own, or those of other accounts, for which the sender only pays the fee.

import { encodeFunctionData, type Address, type Hex } from 'viem';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAddress, requireAmount } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/** `Claim` of IAttributionLedger: a leaf of the final accounts with its proof. */
export interface Claim {
  account: Hex;
  cumulative: bigint;
  index: bigint;
  siblings: readonly Hex[];
  sums: readonly bigint[];
}

const MOST_CLAIMS = 150;

/** Unpaid wei of `claim`; 0 when all is paid. */
async function openWei({ read, addresses }: ChainContext, { account, cumulative }: Claim): Promise<bigint> {
  const ledger = { address: addresses.AttributionLedger, abi: attributionLedgerAbi } as const;
  const claimed = await read.readContract({ ...ledger, functionName: 'claimed', args: [account] });
  return cumulative > claimed ? cumulative - claimed : 0n;
}

function requireClaim(claim: Claim): Claim & { account: Address } {
  requireAmount(claim.cumulative, 'The claim');
  if (claim.siblings.length !== claim.sums.length) throw new BadInputError('The proof', 'needs a sum for each hash');
  return { ...claim, account: requireAddress(claim.account, 'The account') };
}

/**
 * Claims for the signer or for the named accounts; the OPEN goes to these accounts.
 *
 * @example
 * import { claim } from '#lib/chain/actions/settlement/claim.ts';
 * import { createClaimProofs } from '#lib/settlement/claim-proof.ts';
 *
 * const proofs = createClaimProofs(epoch.accounts);
 * await run(await claim(chain, proofs.of(account)));
 */
export async function claim(context: ChainContext, claims: Claim | readonly Claim[]): Promise<ActionPlan> {
  const many = (Array.isArray(claims) ? (claims as readonly Claim[]) : [claims as Claim]).map(requireClaim);
  if (many.length === 0 || many.length > MOST_CLAIMS)
    throw new BadInputError('The claims', `must be 1 to ${MOST_CLAIMS}`);
  const { account: me } = await context.signer();
  const to = context.addresses.AttributionLedger;
  const abi = attributionLedgerAbi;
  const [one] = many;
  const open = await Promise.all(many.map((each) => openWei(context, each)));
  const amount = inOpen(open.reduce((sum, wei) => sum + wei, 0n));
  if (many.length > 1) {
    const data = encodeFunctionData({ abi, functionName: 'claimMany', args: [many] });
    return planOf(context, 'claim', `The ledger pays ${amount} to ${many.length} contributors`, { to, data });
  }
  if (BigInt(one!.account) !== BigInt(me.address)) {
    const data = encodeFunctionData({ abi, functionName: 'claimFor', args: [one!] });
    return planOf(context, 'claim', `The ledger pays ${amount} to ${one!.account} for rows that shaped answers`, {
      to,
      data,
    });
  }
  const args = [one!.cumulative, one!.index, one!.siblings, one!.sums] as const;
  const data = encodeFunctionData({ abi, functionName: 'claim', args });
  return planOf(context, 'claim', `The ledger pays you ${amount} for rows that shaped answers`, { to, data });
}
