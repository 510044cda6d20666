// A signature that moves an amount of the signer's OPEN to the Settlement for one purpose (ERC-3009); any account may send it.
// Its nonce is the hash of that purpose, so that no sender can direct the money elsewhere.

import { encodeAbiParameters, keccak256, type Address, type Hex } from 'viem';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAmount, requireHash } from '../../input.ts';
import { splitSignature } from './sign-permit.ts';
import { signingDomain } from '../signing-domain.ts';

/** `Authorization` of ISettlement. */
export interface Authorization {
  validAfter: bigint;
  validBefore: bigint;
  salt: Hex;
  v: number;
  r: Hex;
  s: Hex;
}

export interface AuthorizationTerms {
  amountWei: bigint;
  /** Seconds since 1970: the signature is valid before then. */
  validBefore: bigint;
  /** Random: distinguishes two otherwise equal payments. */
  salt: string;
}

export type Purpose =
  | { kind: 'open'; node: Address; signer: Address }
  | { kind: 'invoke'; model: number; version: number; node: Address; callHash: Hex };

const TYPES = {
  ReceiveWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const;

const OPEN = [{ type: 'string' }, { type: 'address' }, { type: 'address' }, { type: 'bytes32' }] as const;
const INVOKE = [
  { type: 'string' },
  { type: 'uint32' },
  { type: 'uint32' },
  { type: 'address' },
  { type: 'bytes32' },
  { type: 'bytes32' },
] as const;

const nonceOf = (purpose: Purpose, salt: Hex): Hex =>
  keccak256(
    purpose.kind === 'open'
      ? encodeAbiParameters(OPEN, ['open', purpose.node, purpose.signer, salt])
      : encodeAbiParameters(INVOKE, ['invoke', purpose.model, purpose.version, purpose.node, purpose.callHash, salt]),
  );

/**
 * @example
 * import { parseEther } from 'viem';
 * import { signAuthorization } from '#lib/chain/actions/token/sign-authorization.ts';
 * import { toHex } from '#lib/core/bytes.ts';
 *
 * const purpose = { kind: 'open', node, signer: sessionKey } as const;
 * const salt = toHex(crypto.getRandomValues(new Uint8Array(32)));
 * const terms = { amountWei: parseEther('20'), validBefore: deadline, salt };
 * const { payer, authorization } = await signAuthorization(chain, purpose, terms);
 */
export async function signAuthorization(
  context: ChainContext,
  purpose: Purpose,
  { amountWei, validBefore, salt: given }: AuthorizationTerms,
): Promise<{ payer: Address; authorization: Authorization }> {
  requireAmount(amountWei);
  const salt = requireHash(given, 'The salt');
  if (validBefore <= 0n) throw new BadInputError('The end', 'lies in the past');
  const signer = await context.signer();
  const payer = signer.account.address;
  const domain = await signingDomain(context, context.addresses.OpenToken);
  const window = { validAfter: 0n, validBefore };
  const message = {
    from: payer,
    to: context.addresses.Settlement,
    value: amountWei,
    ...window,
    nonce: nonceOf(purpose, salt),
  };
  const primaryType = 'ReceiveWithAuthorization';
  const signature = await signer.signTypedData({ domain, types: TYPES, primaryType, message });
  return { payer, authorization: { ...window, salt, ...splitSignature(signature) } };
}
