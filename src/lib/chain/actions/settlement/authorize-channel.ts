// A channel that the payer authorises with a signature (ERC-3009); any account sends the step and pays its fee.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { requireChannel, type ChannelOf } from '../../vouchers/channel.ts';
import type { Step } from '../../tx/plan.ts';
import { signAuthorization, type AuthorizationTerms } from '../token/sign-authorization.ts';

/**
 * @example
 * import { parseEther } from 'viem';
 * import { authorizeChannel } from '#lib/chain/actions/settlement/authorize-channel.ts';
 * import { toHex } from '#lib/core/bytes.ts';
 *
 * const salt = toHex(crypto.getRandomValues(new Uint8Array(32)));
 * const money = { amountWei: parseEther('20'), validBefore: deadline, salt };
 * const step = await authorizeChannel(chain, { node, signer: sessionKey, ...money });
 * await nodeWallet.sendTransaction({ to: step.to, data: step.data });
 */
export async function authorizeChannel(context: ChainContext, input: ChannelOf & AuthorizationTerms): Promise<Step> {
  const { node, signer } = requireChannel(input);
  const { payer, authorization } = await signAuthorization(context, { kind: 'open', node, signer }, input);
  const args = [payer, node, signer, input.amountWei, authorization] as const;
  return {
    verb: 'open-channel',
    explanation: `${payer} puts ${inOpen(input.amountWei)} into a channel to ${node}, to be spent by the session key ${signer}`,
    to: context.addresses.Settlement,
    data: encodeFunctionData({ abi: settlementAbi, functionName: 'openWithAuthorization', args }),
    valueWei: 0n,
  };
}
