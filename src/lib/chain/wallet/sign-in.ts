// "Sign in with Ethereum" (EIP-4361): the message, and whether a signature under it says who it claims. It sends nothing.

import { isAddressEqual, recoverMessageAddress, type Address, type Hex } from 'viem';
import { createSiweMessage, parseSiweMessage, validateSiweMessage } from 'viem/siwe';

const LIFE_MS = 10 * 60 * 1000;

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

/** Of a message that follows the standard: which page asks, and at whose door one signs in; null for any other text. */
export function readSignIn(text: string): { domain: string; place: string } | null {
  const { domain, uri, address, version } = parseSiweMessage(text);
  if (version !== '1' || !domain || !address || !uri || !URL.canParse(uri)) return null;
  return { domain, place: new URL(uri).host };
}

interface Expected {
  chainId: number;
  domain: string;
  nonce: string;
  nowMs: number;
}

/**
 * The account that signed in, or null. It recovers the key, which is right for accounts of a key and a thousand times
 * cheaper than asking the chain; contract accounts answer for themselves and are verified with viem's `verifySiweMessage`.
 */
export async function signedInAs(message: string, signature: Hex, expected: Expected): Promise<Address | null> {
  const parsed = parseSiweMessage(message);
  const { chainId, domain, nonce, nowMs } = expected;
  const time = new Date(nowMs);
  if (parsed.version !== '1' || parsed.chainId !== chainId || !parsed.address || !parsed.expirationTime) return null;
  if (!validateSiweMessage({ message: parsed, domain, nonce, time })) return null;
  const signer = await recoverMessageAddress({ message, signature }).catch(() => null);
  return signer && isAddressEqual(signer, parsed.address) ? signer : null;
}
