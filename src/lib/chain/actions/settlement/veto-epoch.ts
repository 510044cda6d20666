// Ends a pending proposal without a proof, for faults that the Court cannot prove: invented calls, withheld leaves. For the
// guardian only; governance can return the bond.

import { encodeFunctionData } from 'viem';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import type { ChainContext } from '../../context.ts';
import { shortHex } from '../../words/short-words.ts';
import { requireHash } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * `hash` is the proposal's.
 *
 * @example
 * import { vetoEpoch } from '#lib/chain/actions/settlement/veto-epoch.ts';
 * import { hashProposal } from '#lib/formats/payment/epoch-proposal.ts';
 *
 * await run(await vetoEpoch(chain, hashProposal(proposal)));
 */
export async function vetoEpoch(context: ChainContext, hash: string): Promise<ActionPlan> {
  const proposal = requireHash(hash, 'The proposal');
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'veto', args: [proposal] });
  const explanation = `You veto proposal ${shortHex(proposal)}: it ends, and its bond goes to the treasury`;
  return planOf(context, 'veto-epoch', explanation, { to: context.addresses.AttributionLedger, data });
}
