// Brings a signed transfer (ERC-3009) to the address of a model version at a node, as the scheme "exact" of x402 has it, and splits it in
// the same transaction. Any account may bring it.

import { encodeFunctionData, type Address, type Hex } from 'viem';
import { payToAbi } from '../../abi/pay-to.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress, requireAmount, requireHash } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { splitSignature } from '../token/sign-permit.ts';
import { requireServed, type Served } from './pay-to-address.ts';
import { quoteSplit, splitWords } from './split-words.ts';

/** `TransferWithAuthorization` of the token, signed by `from`; its receiver is the address that `payToAddress` gives. */
export interface SignedTransfer {
  from: Address;
  valueWei: bigint;
  /** Seconds since 1970. */
  validAfter: bigint;
  validBefore: bigint;
  nonce: Hex;
  signature: Hex;
}

export interface BroughtPayment extends Served {
  transfer: SignedTransfer;
}

/**
 * @example
 * import { bringPayment } from '#lib/chain/actions/settlement/bring-payment.ts';
 *
 * await run(await bringPayment(chain, { model: 7n, version: 1, node, transfer }));
 */
export async function bringPayment(context: ChainContext, input: BroughtPayment): Promise<ActionPlan> {
  const [model, version, node] = requireServed(input);
  const { from, valueWei, validAfter, validBefore, nonce, signature } = input.transfer;
  const payer = requireAddress(from, 'The payer');
  const value = requireAmount(valueWei);
  const signed = { from: payer, value, validAfter, validBefore, nonce: requireHash(nonce, 'The nonce') };
  const args = [model, version, node, { ...signed, ...splitSignature(signature) }] as const;
  const split = splitWords(await quoteSplit(context, input, value), node);
  return planOf(
    context,
    'bring-payment',
    `${payer} pays ${inOpen(value)} for a call of model ${model} v${version}: ${split}`,
    { to: context.addresses.PayTo, data: encodeFunctionData({ abi: payToAbi, functionName: 'pay', args }) },
  );
}
