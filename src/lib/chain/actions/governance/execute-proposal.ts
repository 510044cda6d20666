// Executes a proposal whose Timelock delay is over. Anyone may.

import { encodeFunctionData } from 'viem';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import type { ChainContext } from '../../context.ts';
import { shortNumber } from '../../words/short-words.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { proposalArguments, proposalIdOf, type Proposal } from './proposal.ts';

/**
 * @example
 * import { executeProposal } from '#lib/chain/actions/governance/execute-proposal.ts';
 * import { readProposals } from '#lib/chain/reads/read-proposals.ts';
 *
 * const queued = (await readProposals(chain, proposalRows, account)).filter(({ state }) => state === 'queued');
 * for (const proposal of queued) await run(await executeProposal(chain, proposal));
 */
export async function executeProposal(context: ChainContext, proposal: Proposal): Promise<ActionPlan> {
  const args = proposalArguments(proposal);
  const data = encodeFunctionData({ abi: openGovernorAbi, functionName: 'execute', args });
  const explanation = `Proposal ${shortNumber(proposalIdOf(proposal))} is executed: the Timelock makes its calls`;
  return planOf(context, 'execute-proposal', explanation, { to: context.addresses.OpenGovernor, data });
}
