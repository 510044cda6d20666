// A channel that the payer signs for and another account opens: the payer pays no fee. The deposit is taken from an earlier
// allowance of the payer. A channel opens once, so the signature counts once.

import type { Address, Hex } from 'viem';
import type { ChainContext } from '../../context.ts';
import { requireChannel, type ChannelOf } from '../../vouchers/channel.ts';
import { BadInputError, requireAmount } from '../../input.ts';
import { signingDomain } from '../signing-domain.ts';

export interface ChannelToSign extends ChannelOf {
  amountWei: bigint;
  /** Seconds since 1970: the signature is valid until then. */
  deadline: bigint;
}

/** Arguments of `openFor` of ISettlement. */
export interface SignedChannel {
  payer: Address;
  node: Address;
  signer: Address;
  amountWei: bigint;
  deadline: bigint;
  signature: Hex;
}

const TYPES = {
  Open: [
    { name: 'payer', type: 'address' },
    { name: 'node', type: 'address' },
    { name: 'signer', type: 'address' },
    { name: 'amount', type: 'uint96' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const;

/**
 * @library For payers without gas; a node brings the signed channel to the chain.
 *
 * @example
 * import { parseEther } from 'viem';
 * import { signChannel } from '#lib/chain/actions/settlement/sign-channel.ts';
 *
 * const signed = await signChannel(chain, { node, signer: sessionKey, amountWei: parseEther('20'), deadline });
 * show(`The node may open the channel until ${new Date(1000 * Number(signed.deadline)).toISOString()}`);
 */
export async function signChannel(context: ChainContext, input: ChannelToSign): Promise<SignedChannel> {
  const { node, signer } = requireChannel(input);
  const amountWei = requireAmount(input.amountWei, 'The deposit');
  const { deadline } = input;
  if (deadline <= 0n) throw new BadInputError('The deadline', 'lies in the past');
  const wallet = await context.signer();
  const payer = wallet.account.address;
  const domain = await signingDomain(context, context.addresses.Settlement);
  const message = { payer, node, signer, amount: amountWei, deadline };
  const signature = await wallet.signTypedData({ domain, types: TYPES, primaryType: 'Open', message });
  return { payer, node, signer, amountWei, deadline, signature };
}
