// Splits what lies at the address of a model version at a node: payments that came as bare transfers. Any account may send it.

import { encodeFunctionData } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import { payToAbi } from '../../abi/pay-to.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { payToAddress, requireServed, type Served } from './pay-to-address.ts';
import { quoteSplit, splitWords } from './split-words.ts';

/**
 * @throws BadInputError when nothing lies there
 * @example
 * import { splitPayments } from '#lib/chain/actions/settlement/split-payments.ts';
 *
 * await run(await splitPayments(chain, { model: 7n, version: 1, node }));
 */
export async function splitPayments(context: ChainContext, served: Served): Promise<ActionPlan> {
  const args = requireServed(served);
  const [model, version, node] = args;
  const payTo = await payToAddress(context, served);
  const token = { address: context.addresses.OpenToken, abi: openTokenAbi } as const;
  const amountWei = await context.read.readContract({ ...token, functionName: 'balanceOf', args: [payTo] });
  if (amountWei === 0n) throw new BadInputError('The address of this version and node', 'holds nothing');
  const split = splitWords(await quoteSplit(context, served, amountWei), node);
  return planOf(
    context,
    'split-payments',
    `${inOpen(amountWei)} that was paid for calls of model ${model} v${version} is split: ${split}`,
    { to: context.addresses.PayTo, data: encodeFunctionData({ abi: payToAbi, functionName: 'split', args }) },
  );
}
