// Queues a successful proposal in the Timelock.

import { encodeFunctionData } from 'viem';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import type { ChainContext } from '../../context.ts';
import { shortNumber } from '../../words/short-words.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { proposalArguments, proposalIdOf, type Proposal } from './proposal.ts';

/**
 * @example
 * import { queueProposal } from '#lib/chain/actions/governance/queue-proposal.ts';
 * import { readProposals } from '#lib/chain/reads/read-proposals.ts';
 *
 * const proposals = await readProposals(chain, proposalRows, account);
 * const passed = proposals.find(({ state }) => state === 'succeeded');
 * if (passed) await run(await queueProposal(chain, passed));
 */
export async function queueProposal(context: ChainContext, proposal: Proposal): Promise<ActionPlan> {
  const args = proposalArguments(proposal);
  const data = encodeFunctionData({ abi: openGovernorAbi, functionName: 'queue', args });
  const explanation = `Proposal ${shortNumber(proposalIdOf(proposal))} waits in the Timelock now; after its delay anyone may execute it`;
  return planOf(context, 'queue-proposal', explanation, { to: context.addresses.OpenGovernor, data });
}
