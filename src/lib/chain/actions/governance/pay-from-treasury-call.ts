// Pays OPEN that the treasury holds to an account. Governance only.

import { encodeFunctionData } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { requireAddress, requireAmount } from '../../input.ts';
import type { GovernedCall } from './governed-call.ts';

export interface TreasuryPayment {
  to: string;
  amountWei: bigint;
}

/**
 * @example
 * import { parseEther } from 'viem';
 * import { payFromTreasuryCall } from '#lib/chain/actions/governance/pay-from-treasury-call.ts';
 *
 * const { target, data } = payFromTreasuryCall(chain.addresses, { to: account, amountWei: parseEther('5000') });
 */
export function payFromTreasuryCall({ OpenToken }: Addresses, { to, amountWei }: TreasuryPayment): GovernedCall {
  const args = [requireAddress(to, 'The recipient'), requireAmount(amountWei)] as const;
  return { target: OpenToken, data: encodeFunctionData({ abi: openTokenAbi, functionName: 'transfer', args }) };
}
