// Sets how long a vote lasts. Governance only.

import { encodeFunctionData } from 'viem';
import { openGovernorAbi } from '../../abi/open-governor.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { BadInputError } from '../../input.ts';
import type { GovernedCall } from './governed-call.ts';

/**
 * @example
 * import { setVotingPeriodCall } from '#lib/chain/actions/governance/set-voting-period-call.ts';
 *
 * const fiveDays = 5n * 86_400n;
 * const { target, data } = setVotingPeriodCall(chain.addresses, fiveDays);
 */
export function setVotingPeriodCall({ OpenGovernor }: Addresses, seconds: bigint): GovernedCall {
  if (seconds <= 0n || seconds > 0xffff_ffffn) throw new BadInputError('The time', 'must lie within a century');
  const args = [Number(seconds)] as const;
  const data = encodeFunctionData({ abi: openGovernorAbi, functionName: 'setVotingPeriod', args });
  return { target: OpenGovernor, data };
}
