// Allows another account to redeem vouchers for the sender's node, or revokes that.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface RelayerChange {
  relayer: string;
  isAllowed: boolean;
}

/**
 * @example
 * import { setRelayer } from '#lib/chain/actions/settlement/set-relayer.ts';
 *
 * await run(await setRelayer(chain, { relayer: account, isAllowed: true }));
 */
export async function setRelayer(context: ChainContext, input: RelayerChange): Promise<ActionPlan> {
  const relayer = requireAddress(input.relayer, 'The relayer');
  const args = [relayer, input.isAllowed] as const;
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'setRelayer', args });
  const explanation = `${relayer} ${input.isAllowed ? 'may' : 'may no longer'} redeem vouchers for you; what they pay stays yours`;
  return planOf(context, 'set-relayer', explanation, { to: context.addresses.Settlement, data });
}
