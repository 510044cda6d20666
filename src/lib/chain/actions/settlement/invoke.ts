// Pays for one call directly, without a channel, and splits the payment in the same transaction. It is paid before there is an
// answer, so all of the contributors' part goes to the sources of the model version.

import { encodeFunctionData, type Address, type Hex } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { approvalFor } from '../token/approve.ts';
import { requireAddress, requireAmount, requireHash, requireSmall, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { quoteSplit, splitWords } from './split-words.ts';

export interface Invocation {
  model: bigint;
  version: number;
  node: string;
  amountWei: bigint;
  /** Hash of the call; recorded in the event. */
  callHash: string;
}

export const requireInvocation = (
  input: Invocation,
): { model: number; version: number; node: Address; amountWei: bigint; callHash: Hex } => ({
  model: Number(requireWhole(input.model, 32, 'The model', 1)),
  version: requireSmall(input.version, 32, 'The version', 1),
  node: requireAddress(input.node, 'The node'),
  amountWei: requireAmount(input.amountWei),
  callHash: requireHash(input.callHash, 'The hash of the call'),
});

/**
 * @example
 * import { parseEther } from 'viem';
 * import { invoke } from '#lib/chain/actions/settlement/invoke.ts';
 *
 * const plan = await invoke(chain, { model: 7n, version: 1, node, amountWei: parseEther('0.1'), callHash: digest });
 * if (await run(plan)) show('The call is paid');
 */
export async function invoke(context: ChainContext, input: Invocation): Promise<ActionPlan> {
  const { model, version, node, amountWei, callHash } = requireInvocation(input);
  const to = context.addresses.Settlement;
  const args = [model, version, node, amountWei, callHash] as const;
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'invoke', args });
  const split = splitWords(await quoteSplit(context, input, amountWei), node);
  const before = await approvalFor(context, to, amountWei, 'for one call');
  return planOf(
    context,
    'invoke',
    `You pay ${inOpen(amountWei)} for one call of model ${model} v${version}: ${split}`,
    { to, data },
    before,
  );
}
