// Sets the least stake of a node. Governance only.

import { encodeFunctionData } from 'viem';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { requireAmount } from '../../input.ts';
import type { GovernedCall } from './governed-call.ts';

/**
 * @example
 * import { parseEther } from 'viem';
 * import { setMinStakeCall } from '#lib/chain/actions/governance/set-min-stake-call.ts';
 *
 * const { target, data } = setMinStakeCall(chain.addresses, parseEther('1000'));
 */
export function setMinStakeCall({ NodeRegistry }: Addresses, leastWei: bigint): GovernedCall {
  const args = [requireAmount(leastWei, 'The least stake of a node')] as const;
  return {
    target: NodeRegistry,
    data: encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'setMinStake', args }),
  };
}
