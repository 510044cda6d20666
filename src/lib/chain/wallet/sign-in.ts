// "Sign in with Ethereum" (EIP-4361): builds the message, and verifies its signature.

import { isAddressEqual, recoverMessageAddress, type Address, type Hex } from 'viem';
import { createSiweMessage, parseSiweMessage, type SiweMessage } from 'viem/siwe';
import { isCanonicalSignature } from '#lib/formats/signature-form.ts';

const LIFE_MS = 10 * 60 * 1000;
/** Tolerance for clock differences between devices. */
const SKEW_MS = 5 * 60 * 1000;

export interface SignInTerms {
  address: Address;
  chainId: number;
  /** Host of the requesting page, and its address. */
  domain: string;
  uri: string;
  /** From the verifier; at least 8 letters or digits. */
  nonce: string;
  nowMs: number;
}

export const signInMessage = ({ address, chainId, domain, uri, nonce, nowMs }: SignInTerms): string =>
  createSiweMessage({
    version: '1',
    address,
    chainId,
    domain,
    uri,
    nonce,
    statement: 'Sign in to Payable. This costs nothing and sends nothing.',
    issuedAt: new Date(nowMs),
    expirationTime: new Date(nowMs + LIFE_MS),
  });

/** What the verifier requests. */
export interface SignInQuestion {
  chainId: number;
  domain: string;
  nonce: string;
}

/**
 * The fields of a message, or null unless EIP-4361 would write the fields as exactly this message: with a duplicate field, for
 * example, two readers could see different messages.
 */
export function readSignIn(message: string): SiweMessage | null {
  try {
    const parsed = parseSiweMessage(message) as SiweMessage;
    return createSiweMessage(parsed) === message ? parsed : null;
  } catch {
    return null;
  }
}

/**
 * The account that signed in, or null. The message must be issued now and expire within ten minutes. Recovers the key, which is
 * right for key accounts and a thousand times cheaper than a request to the chain; contract accounts need viem's
 * `verifySiweMessage`.
 */
export async function signedInAs(
  message: string,
  signature: Hex,
  { chainId, domain, nonce }: SignInQuestion,
  nowMs: number,
): Promise<Address | null> {
  const parsed = readSignIn(message);
  if (parsed?.version !== '1' || parsed.chainId !== chainId || parsed.domain !== domain || parsed.nonce !== nonce)
    return null;
  const issuedMs = parsed.issuedAt?.getTime() ?? NaN;
  const endsMs = parsed.expirationTime?.getTime() ?? NaN;
  const startsMs = parsed.notBefore?.getTime() ?? issuedMs;
  const isOfNow = issuedMs <= nowMs + SKEW_MS && startsMs <= nowMs + SKEW_MS && endsMs > nowMs;
  if (!isOfNow || endsMs - issuedMs > LIFE_MS) return null;
  if (!isCanonicalSignature(signature)) return null;
  const signer = await recoverMessageAddress({ message, signature }).catch(() => null);
  return signer && isAddressEqual(signer, parsed.address) ? signer : null;
}
