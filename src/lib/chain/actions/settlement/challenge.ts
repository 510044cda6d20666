// Submits a proof to the Court that a pending proposal is false. Half of the bond goes to the challenger.

import { encodeFunctionData, type Abi } from 'viem';
import { hashProposal, type EpochProposal } from '#lib/formats/payment/epoch-proposal.ts';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import { ACCUSATIONS } from '../../words/accusations.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { shortHex } from '../../words/short-words.ts';
import type { CourtProof } from '../../words/court-proof.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { requireProposal } from './propose-epoch.ts';

export interface Challenge {
  proposal: EpochProposal;
  proof: CourtProof;
}

/**
 * @example
 * import { challenge } from '#lib/chain/actions/settlement/challenge.ts';
 * import { auditEpoch } from '#lib/settlement/audit-epoch.ts';
 *
 * const [proof] = auditEpoch(proposal, epoch, records);
 * if (proof) await run(await challenge(chain, { proposal, proof }));
 */
export async function challenge(context: ChainContext, { proposal, proof }: Challenge): Promise<ActionPlan> {
  const p = requireProposal(proposal);
  const ledger = { address: context.addresses.AttributionLedger, abi: attributionLedgerAbi } as const;
  const bond = await context.read.readContract({ ...ledger, functionName: 'bondFor', args: [p.paid] });
  // Function names and arguments are tied by type, which viem cannot infer through a union.
  const abi: Abi = attributionCourtAbi;
  const data = encodeFunctionData({ abi, functionName: proof.proof, args: [p, ...proof.args] });
  const explanation = `You prove that proposal ${shortHex(hashProposal(p))} is false: ${ACCUSATIONS[proof.proof]}; ${inOpen(bond / 2n)} of its bond come to you`;
  return planOf(context, 'challenge', explanation, { to: context.addresses.AttributionCourt, data });
}
