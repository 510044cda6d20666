// Executes a proposal whose Timelock delay is over. Anyone may.

import { encodeFunctionData } from 'viem';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import type { ChainContext } from '../../context.ts';
import { shortNumber } from '../../words/short-words.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { proposalArguments, proposalIdOf, type Proposal } from './proposal.ts';

export async function executeProposal(context: ChainContext, proposal: Proposal): Promise<ActionPlan> {
  const args = proposalArguments(proposal);
  const data = encodeFunctionData({ abi: openGovernorAbi, functionName: 'execute', args });
  const explanation = `Proposal ${shortNumber(proposalIdOf(proposal))} is executed: the Timelock makes its calls`;
  return planOf(context, 'execute-proposal', explanation, { to: context.addresses.OpenGovernor, data });
}
