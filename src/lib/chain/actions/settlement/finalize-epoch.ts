// Makes a proposal final once it can no longer be challenged. Anyone may; the bond goes back to its attester.

import { encodeFunctionData } from 'viem';
import type { EpochProposal } from '#lib/formats/payment/epoch-proposal.ts';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { requireProposal } from './propose-epoch.ts';

/**
 * @example
 * import { formatEther } from 'viem';
 * import { finalizeEpoch } from '#lib/chain/actions/settlement/finalize-epoch.ts';
 *
 * const isFinal = await run(await finalizeEpoch(chain, proposal));
 * if (isFinal) show(`Contributors may claim ${formatEther(proposal.paid)} OPEN`);
 */
export async function finalizeEpoch(context: ChainContext, proposal: EpochProposal): Promise<ActionPlan> {
  const p = requireProposal(proposal);
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'finalize', args: [p] });
  const explanation = `Epochs ${p.from} to ${p.to} become final: contributors may claim ${inOpen(p.paid)} more, the attester gets the bond back`;
  return planOf(context, 'finalize-epoch', explanation, { to: context.addresses.AttributionLedger, data });
}
