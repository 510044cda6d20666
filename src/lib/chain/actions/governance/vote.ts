// Casts a vote, weighted by the votes that the account had when voting began.

import { encodeFunctionData } from 'viem';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import type { ChainContext } from '../../context.ts';
import { shortNumber } from '../../words/short-words.ts';
import { BadInputError } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/** In the governor's order. */
export const SUPPORT = ['against', 'for', 'abstain'] as const;

export interface Vote {
  proposalId: bigint;
  support: (typeof SUPPORT)[number];
  reason?: string;
}

/**
 * @example
 * import { vote } from '#lib/chain/actions/governance/vote.ts';
 *
 * await run(await vote(chain, { proposalId, support: 'for', reason: 'The fee covers the costs.' }));
 */
export async function vote(context: ChainContext, { proposalId, support, reason = '' }: Vote): Promise<ActionPlan> {
  if (reason.length > 1000) throw new BadInputError('The reason', 'has more than 1,000 characters');
  const args = [proposalId, SUPPORT.indexOf(support), reason] as const;
  const data = encodeFunctionData({ abi: openGovernorAbi, functionName: 'castVoteWithReason', args });
  const explanation = `You vote ${support === 'abstain' ? 'to abstain' : support} on proposal ${shortNumber(proposalId)}`;
  return planOf(context, 'vote', explanation, { to: context.addresses.OpenGovernor, data });
}
