// Brings a proof before the Court that a pending proposal is false. Half of the bond goes to whoever proves it.

import { encodeFunctionData, type Abi } from 'viem';
import { hashProposal, type EpochProposal } from '#lib/core/format/epoch-proposal.ts';
import { attributionCourtAbi } from '../abi/attribution-court.ts';
import { attributionLedgerAbi } from '../abi/attribution-ledger.ts';
import { inOpen } from '../amount-words.ts';
import type { ChainContext } from '../context.ts';
import type { CourtProof, ProofName } from '../court-proof.ts';
import { planOf, type ActionPlan } from './plan.ts';
import { requireProposal } from './propose-epoch.ts';

/** What each proof says is false. */
export const ACCUSATIONS: Readonly<Record<ProofName, string>> = {
  proveWeight: 'a row weighs something else in a call',
  proveAmount: 'an entry does not pay what its share is worth',
  proveEntryWithoutCall: 'an entry pays for a call that is not there',
  proveEntryWithoutShare: 'an entry pays for a share that is not there',
  proveShareWithoutEntry: 'a share is paid by no entry',
  proveSum: 'a sum is not that of its parts',
  proveCall: 'a call lists what no call may list',
  proveBudget: 'the pools are not what the Settlement set aside',
  proveOrder: 'two leaves are out of order',
  proveCallOrder: 'two calls are out of order',
  proveShareOrder: 'two shares are out of order',
  proveAccount: 'an account’s total is not its old one plus its entries',
  proveMissingRow: 'a row that weighs enough is left out',
  proveBetterRow: 'a lighter row stands for its cluster',
  proveForeignTree: 'a call uses an influence that its model has not committed',
  proveForeignRow: 'a share names a row that is another’s',
};

export interface Challenge {
  proposal: EpochProposal;
  proof: CourtProof;
}

export async function challenge(context: ChainContext, { proposal, proof }: Challenge): Promise<ActionPlan> {
  const p = requireProposal(proposal);
  const ledger = { address: context.addresses.AttributionLedger, abi: attributionLedgerAbi } as const;
  const bond = await context.read.readContract({ ...ledger, functionName: 'bondFor', args: [p.paid] });
  // The names and their arguments belong together by type; viem cannot follow that through a union.
  const abi: Abi = attributionCourtAbi;
  const data = encodeFunctionData({ abi, functionName: proof.proof, args: [p, ...proof.args] });
  const explanation = `You prove that proposal ${hashProposal(p)} is false: ${ACCUSATIONS[proof.proof]}; ${inOpen(bond / 2n)} of its bond come to you`;
  return planOf(context, 'challenge', explanation, { to: context.addresses.AttributionCourt, data });
}
