// Lets someone take an amount of OPEN by a signature that anyone may bring to the chain (ERC-2612): the owner pays no fee.

import { encodeFunctionData, parseSignature } from 'viem';
import { openTokenAbi } from '../abi/open-token.ts';
import { asTime, inOpen } from '../amount-words.ts';
import type { ChainContext } from '../context.ts';
import { BadInputError, requireAddress, requireAmount } from './input.ts';
import type { Step } from './plan.ts';

export interface Permit {
  spender: string;
  amountWei: bigint;
  /** Seconds since 1970: the last moment in which the signature counts. */
  deadline: bigint;
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

/** Asks for the signature; the step that comes back is for whoever wants to send it. */
export async function permit(context: ChainContext, input: Permit): Promise<Step> {
  const spender = requireAddress(input.spender, 'The spender');
  const value = requireAmount(input.amountWei);
  const { deadline } = input;
  if (deadline <= 0n) throw new BadInputError('The deadline', 'lies in the past');
  const signer = await context.signer();
  const owner = signer.account.address;
  const token = { address: context.addresses.OpenToken, abi: openTokenAbi } as const;
  const nonce = await context.read.readContract({ ...token, functionName: 'nonces', args: [owner] });
  const [, name, version, chainId, verifyingContract] = await context.read.readContract({
    ...token,
    functionName: 'eip712Domain',
  });
  if (chainId !== BigInt(context.chain.id)) throw new BadInputError('The chain', 'is not the one of this token');
  const signature = await signer.signTypedData({
    domain: { name, version, chainId, verifyingContract },
    types: TYPES,
    primaryType: 'Permit',
    message: { owner, spender, value, nonce, deadline },
  });
  const { r, s, v, yParity } = parseSignature(signature);
  const args = [owner, spender, value, deadline, Number(v ?? BigInt(yParity) + 27n), r, s] as const;
  return {
    verb: 'permit',
    explanation: `${spender} may take ${inOpen(value)} of ${owner}, by a signature that counts until ${asTime(deadline)}`,
    to: token.address,
    data: encodeFunctionData({ abi: openTokenAbi, functionName: 'permit', args }),
    valueWei: 0n,
  };
}
