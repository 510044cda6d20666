// Sets the protocol's part of each payment. Governance only.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { requireBps } from '../../input.ts';
import type { GovernedCall } from './governed-call.ts';

/**
 * @example
 * import { propose } from '#lib/chain/actions/governance/propose.ts';
 * import { setFeeCall } from '#lib/chain/actions/governance/set-fee-call.ts';
 *
 * const { target, data } = setFeeCall(chain.addresses, 200);
 * const description = '# Lower the fee\nFrom 2.5 % to 2 %.';
 * await run(await propose(chain, { targets: [target], valuesWei: [0n], calldatas: [data], description }));
 */
export function setFeeCall({ Settlement }: Addresses, feeBps: number): GovernedCall {
  const args = [requireBps(feeBps, 'The fee')] as const;
  return { target: Settlement, data: encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args }) };
}
