// "Sign in with Ethereum" (EIP-4361): the message, and whether a signature under it says who it claims. It sends nothing.

import { isAddressEqual, recoverMessageAddress, type Address, type Hex } from 'viem';
import { createSiweMessage, parseSiweMessage, type SiweMessage } from 'viem/siwe';
import { isCanonicalSignature } from '#lib/formats/signature-form.ts';

const LIFE_MS = 10 * 60 * 1000;
/** Clocks of devices differ. */
const SKEW_MS = 5 * 60 * 1000;

export interface SignInTerms {
  address: Address;
  chainId: number;
  /** Host of the page that asks, and its address. */
  domain: string;
  uri: string;
  /** From the verifier; 8 letters or digits at least. */
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

/** What the verifier asked for. */
export interface SignInQuestion {
  chainId: number;
  domain: string;
  nonce: string;
}

/**
 * The fields of a message, or null when it is none that EIP-4361 would write them as: with a field twice, for example, two readers
 * could see two messages.
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
 * The account that signed in, or null. A message has to be issued now and to end within ten minutes. It recovers the key, which is right
 * for accounts of a key and a thousand times cheaper than asking the chain; contract accounts answer for themselves and are
 * verified with viem's `verifySiweMessage`.
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
