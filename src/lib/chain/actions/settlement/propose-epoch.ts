// Proposes the earnings of a range of epochs, with a bond that is lost if the proposal is proven false.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { hashProposal, type EpochProposal } from '#lib/formats/payment/epoch-proposal.ts';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { shortHex } from '../../words/short-words.ts';
import { approvalFor } from '../token/approve.ts';
import { BadInputError, requireHash, requireSmall, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/** The checks that the ledger makes on every proposal, independent of which epochs are final. */
export function requireProposal(p: EpochProposal): EpochProposal {
  for (const [name, value] of Object.entries({
    total: p.total,
    paid: p.paid,
    pools: p.pools,
    before: p.previousTotal,
  })) {
    requireWhole(value, 96, `The proposal’s ${name}`);
  }
  const counts = { accounts: p.accounts, entries: p.entries, calls: p.calls, 'accounts before': p.previousAccounts };
  for (const [name, value] of Object.entries(counts)) requireSmall(value, 32, `The number of ${name}`);
  requireWhole(p.from, 64, 'The first epoch');
  requireWhole(p.to, 64, 'The last epoch');
  requireHash(p.dataHash, 'The content id of the leaves');
  if (p.from > p.to) throw new BadInputError('The range', 'ends before it begins');
  if (p.total !== p.previousTotal + p.paid)
    throw new BadInputError('The total', 'is not what was final plus what is paid');
  if (p.paid > p.pools) throw new BadInputError('The proposal', 'pays more than its pools hold');
  return p;
}

/**
 * @example
 * import { proposeEpoch } from '#lib/chain/actions/settlement/propose-epoch.ts';
 * import { proposalOf } from '#lib/settlement/epoch.ts';
 *
 * const proposal = proposalOf(epoch, { from: 480_000n, to: 480_023n }, records.previous, digest);
 * await run(await proposeEpoch(chain, proposal));
 */
export async function proposeEpoch(context: ChainContext, proposal: EpochProposal): Promise<ActionPlan> {
  const p = requireProposal(proposal);
  const to = context.addresses.AttributionLedger;
  const asked = { address: to, abi: attributionLedgerAbi, functionName: 'bondFor', args: [p.paid] } as const;
  const bond = await context.read.readContract(asked);
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'propose', args: [p] });
  const before = await approvalFor(context, to, bond, 'as bond of an attester');
  const explanation = `You propose that epochs ${p.from} to ${p.to} pay ${inOpen(p.paid)} to contributors for ${counted(p.entries, 'row')} in ${counted(p.calls, 'call')} (${shortHex(hashProposal(p))}); your bond is ${inOpen(bond)}, lost if anyone proves it false`;
  return planOf(context, 'propose-epoch', explanation, { to, data }, before);
}
