// A call that the payer authorises with a signature (ERC-3009); any account, such as the node, sends the step and pays its fee.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { requireInvocation, type Invocation } from './invoke.ts';
import type { Step } from '../../tx/plan.ts';
import { signAuthorization, type AuthorizationTerms } from '../token/sign-authorization.ts';
import { quoteSplit, splitWords } from './split-words.ts';

/**
 * @example
 * import { parseEther } from 'viem';
 * import { authorizeInvocation } from '#lib/chain/actions/settlement/authorize-invocation.ts';
 * import { toHex } from '#lib/core/bytes.ts';
 *
 * const salt = toHex(crypto.getRandomValues(new Uint8Array(32)));
 * const payment = { model: 7n, version: 1, node, callHash: digest, amountWei: parseEther('0.1') };
 * const step = await authorizeInvocation(chain, { ...payment, validBefore: deadline, salt });
 * await nodeWallet.sendTransaction({ to: step.to, data: step.data });
 */
export async function authorizeInvocation(
  context: ChainContext,
  input: Invocation & AuthorizationTerms,
): Promise<Step> {
  const { model, version, node, amountWei, callHash } = requireInvocation(input);
  const purpose = { kind: 'invoke', model, version, node, callHash } as const;
  const { payer, authorization } = await signAuthorization(context, purpose, input);
  const args = [payer, model, version, node, amountWei, callHash, authorization] as const;
  const split = splitWords(await quoteSplit(context, input, amountWei), node);
  return {
    verb: 'invoke',
    explanation: `${payer} pays ${inOpen(amountWei)} for one call of model ${model} v${version}: ${split}`,
    to: context.addresses.Settlement,
    data: encodeFunctionData({ abi: settlementAbi, functionName: 'invokeWithAuthorization', args }),
    valueWei: 0n,
  };
}
