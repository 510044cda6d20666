// Signs a permit: another account may take an amount of the signer's OPEN (ERC-2612).

import { parseSignature, type Address, type Hex } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAddress, requireAmount } from '../../input.ts';
import { signingDomain } from '../signing-domain.ts';

export interface Permit {
  spender: string;
  amountWei: bigint;
  /** Seconds since 1970: the signature is valid until then. */
  deadline: bigint;
}

export interface SignedPermit {
  owner: Address;
  spender: Address;
  amountWei: bigint;
  deadline: bigint;
  v: number;
  r: Hex;
  s: Hex;
}

const TYPES = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const;

/** `v`, `r` and `s`, as contracts expect them. */
export function splitSignature(signature: Hex): { v: number; r: Hex; s: Hex } {
  const { r, s, v, yParity } = parseSignature(signature);
  return { v: Number(v ?? BigInt(yParity) + 27n), r, s };
}

/**
 * @example
 * import { parseEther } from 'viem';
 * import { signPermit } from '#lib/chain/actions/token/sign-permit.ts';
 *
 * const { Settlement: spender } = chain.addresses;
 * const { owner, v, r, s } = await signPermit(chain, { spender, amountWei: parseEther('20'), deadline });
 */
export async function signPermit(context: ChainContext, input: Permit): Promise<SignedPermit> {
  const spender = requireAddress(input.spender, 'The spender');
  const value = requireAmount(input.amountWei);
  const { deadline } = input;
  if (deadline <= 0n) throw new BadInputError('The deadline', 'lies in the past');
  const signer = await context.signer();
  const owner = signer.account.address;
  const token = { address: context.addresses.OpenToken, abi: openTokenAbi } as const;
  const nonce = await context.read.readContract({ ...token, functionName: 'nonces', args: [owner] });
  const domain = await signingDomain(context, token.address);
  const message = { owner, spender, value, nonce, deadline };
  const signature = await signer.signTypedData({ domain, types: TYPES, primaryType: 'Permit', message });
  return { owner, spender, amountWei: value, deadline, ...splitSignature(signature) };
}
