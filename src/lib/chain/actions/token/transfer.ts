// Moves OPEN, or the chain's own coin, to someone.

import { encodeFunctionData } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import { inEther, inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress, requireAmount } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface Transfer {
  to: string;
  amountWei: bigint;
  what: 'OPEN' | 'ETH';
}

/**
 * @example
 * import { parseEther } from 'viem';
 * import { transfer } from '#lib/chain/actions/token/transfer.ts';
 * import { previewStep } from '#lib/chain/tx/plan.ts';
 *
 * const plan = await transfer(chain, { to: account, amountWei: parseEther('12.5'), what: 'OPEN' });
 * const preview = await previewStep(chain, plan.from, plan.steps[0]);
 * if (preview.ok) await run(plan);
 */
export async function transfer(context: ChainContext, input: Transfer): Promise<ActionPlan> {
  const to = requireAddress(input.to, 'The recipient');
  const amountWei = requireAmount(input.amountWei);
  if (input.what === 'ETH') {
    const call = { to, data: '0x', valueWei: amountWei } as const;
    return planOf(context, 'transfer', `You pay ${inEther(amountWei)} to ${to}`, call);
  }
  const data = encodeFunctionData({ abi: openTokenAbi, functionName: 'transfer', args: [to, amountWei] });
  return planOf(context, 'transfer', `You pay ${inOpen(amountWei)} to ${to}`, {
    to: context.addresses.OpenToken,
    data,
  });
}
