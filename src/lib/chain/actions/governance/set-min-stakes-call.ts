// Sets the least stakes of nodes and of attesters. Governance only.

import { encodeFunctionData } from 'viem';
import { nodeRegistryAbi } from '../../abi/node-registry.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { requireAmount } from '../../input.ts';
import type { GovernedCall } from './governed-call.ts';

export interface MinStakes {
  nodeWei: bigint;
  attesterWei: bigint;
}

/**
 * @example
 * import { parseEther } from 'viem';
 * import { setMinStakesCall } from '#lib/chain/actions/governance/set-min-stakes-call.ts';
 *
 * const stakes = { nodeWei: parseEther('1000'), attesterWei: parseEther('10000') };
 * const { target, data } = setMinStakesCall(chain.addresses, stakes);
 */
export function setMinStakesCall({ NodeRegistry }: Addresses, { nodeWei, attesterWei }: MinStakes): GovernedCall {
  const args = [
    requireAmount(nodeWei, 'The least stake of a node'),
    requireAmount(attesterWei, 'The least stake of an attester'),
  ] as const;
  return {
    target: NodeRegistry,
    data: encodeFunctionData({ abi: nodeRegistryAbi, functionName: 'setMinStakes', args }),
  };
}
