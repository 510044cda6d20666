// Takes out the native money that a contract has credited to the sender: fees for answers, rewards and deposits that came back.

import { encodeFunctionData } from 'viem';
import { influenceBookAbi } from '../../abi/influence-book.ts';
import { inEther } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export type NativeHolder = 'AttributionCourt' | 'InfluenceBook';

/**
 * @example
 * import { withdrawNative } from '#lib/chain/actions/settlement/withdraw-native.ts';
 *
 * const plan = await withdrawNative(chain, 'AttributionCourt');
 * show(plan.steps[0].explanation);
 * await run(plan);
 */
export async function withdrawNative(context: ChainContext, from: NativeHolder): Promise<ActionPlan> {
  const { account } = await context.signer();
  const to = context.addresses[from];
  // Both contracts have these functions from AnswerFees.sol.
  const abi = influenceBookAbi;
  const credited = { address: to, abi, functionName: 'nativeCredit', args: [account.address] } as const;
  const wei = await context.read.readContract(credited);
  if (wei === 0n) throw new BadInputError('Your credit', 'is nothing');
  const data = encodeFunctionData({ abi, functionName: 'withdrawNative' });
  const what = from === 'InfluenceBook' ? 'book of influence' : 'court of attribution';
  return planOf(context, 'withdraw-native', `The ${what} pays you ${inEther(wei)} that is credited to you`, {
    to,
    data,
  });
}
