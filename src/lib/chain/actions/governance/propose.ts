// Submits a proposal to the holders of OPEN.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import type { ChainContext } from '../../context.ts';
import { shortNumber } from '../../words/short-words.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { proposalArguments, proposalIdOf, type Proposal } from './proposal.ts';

/**
 * @example
 * import { propose } from '#lib/chain/actions/governance/propose.ts';
 * import { setVotingPeriodCall } from '#lib/chain/actions/governance/set-voting-period-call.ts';
 *
 * const { target, data } = setVotingPeriodCall(chain.addresses, 5n * 86_400n);
 * const description = '# Five days for each vote\nThree were too few.';
 * await run(await propose(chain, { targets: [target], valuesWei: [0n], calldatas: [data], description }));
 */
export async function propose(context: ChainContext, proposal: Proposal): Promise<ActionPlan> {
  const [targets, values, calldatas] = proposalArguments(proposal);
  const args = [targets, values, calldatas, proposal.description] as const;
  const data = encodeFunctionData({ abi: openGovernorAbi, functionName: 'propose', args });
  const explanation = `You propose ${counted(targets.length, 'call')} as proposal ${shortNumber(proposalIdOf(proposal))}; voting begins after its delay`;
  return planOf(context, 'propose', explanation, { to: context.addresses.OpenGovernor, data });
}
