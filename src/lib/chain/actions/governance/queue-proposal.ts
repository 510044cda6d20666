// Queues a successful proposal in the Timelock.

import { encodeFunctionData } from 'viem';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import type { ChainContext } from '../../context.ts';
import { shortNumber } from '../../words/short-words.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { proposalArguments, proposalIdOf, type Proposal } from './proposal.ts';

export async function queueProposal(context: ChainContext, proposal: Proposal): Promise<ActionPlan> {
  const args = proposalArguments(proposal);
  const data = encodeFunctionData({ abi: openGovernorAbi, functionName: 'queue', args });
  const explanation = `Proposal ${shortNumber(proposalIdOf(proposal))} waits in the Timelock now; after its delay anyone may execute it`;
  return planOf(context, 'queue-proposal', explanation, { to: context.addresses.OpenGovernor, data });
}
