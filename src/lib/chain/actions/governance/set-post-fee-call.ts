// Sets the part of the answer fee that does not follow the base fee: what a rollup takes for the data of an answer. Governance only.

import { encodeFunctionData } from 'viem';
import { influenceBookAbi } from '../../abi/influence-book.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { BadInputError } from '../../input.ts';
import { inEther } from '../../words/amount-words.ts';
import type { NativeHolder } from '../settlement/withdraw-native.ts';
import type { GovernedCall } from './governed-call.ts';

/** Bounds of AnswerFees.sol, wei. */
const [LEAST_WEI, MOST_WEI] = [10n ** 12n, 10n ** 17n];

/**
 * @example
 * import { parseEther } from 'viem';
 * import { setPostFeeCall } from '#lib/chain/actions/governance/set-post-fee-call.ts';
 *
 * const { target, data } = setPostFeeCall(chain.addresses, 'AttributionCourt', parseEther('0.0002'));
 */
export function setPostFeeCall(addresses: Addresses, of: NativeHolder, postFeeWei: bigint): GovernedCall {
  if (postFeeWei < LEAST_WEI || postFeeWei > MOST_WEI) {
    throw new BadInputError('The fee', `must lie between ${inEther(LEAST_WEI)} and ${inEther(MOST_WEI)}`);
  }
  // The court has the same function from AnswerFees.sol.
  const data = encodeFunctionData({ abi: influenceBookAbi, functionName: 'setPostFee', args: [postFeeWei] });
  return { target: addresses[of], data };
}
