// Who is asking: a wallet signs a message (EIP-4361) that names this pinner and a number from it, and gets a token for a
// week. Tokens are kept nowhere; one secret in the datastore makes and proves them.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Datastore } from 'interface-datastore';
import { Key } from 'interface-datastore';
import { getAddress, isAddress, isHex, type Address } from 'viem';
import { parseSiweMessage } from 'viem/siwe';
import { signedInAs } from '#lib/chain/wallet/sign-in.ts';
import { RefusedError } from './errors.ts';

const LIFE_MS = 7 * 24 * 3600 * 1000;
const NONCE_LIFE_MS = 10 * 60 * 1000;
const MAX_NONCES = 10_000;
const SECRET = new Key('/payable/token-secret');

export interface Tokens {
  /** A number to be signed, good once and for ten minutes. */
  challenge(nowMs: number): string;
  /** @throws RefusedError when the message is not for this pinner, not of now, or not signed by its address */
  signIn(
    message: unknown,
    signature: unknown,
    nowMs: number,
  ): Promise<{ address: Address; token: string; expiresMs: number }>;
  /** The wallet behind an Authorization header. @throws RefusedError */
  owner(header: string | undefined, nowMs: number): Address;
  /** A token without a signature, for the operator's own tools. */
  issue(address: Address, nowMs: number): { token: string; expiresMs: number };
}

const unauthorized = (message: string) =>
  new RefusedError(401, 'UNAUTHORIZED', message, { hint: 'Sign in again with your wallet.' });

/** `uri` is the public address of this pinner. */
export async function openTokens(data: Datastore, uri: string): Promise<Tokens> {
  const secret = (await data.has(SECRET)) ? await data.get(SECRET) : randomBytes(32);
  await data.put(SECRET, secret);
  const nonces = new Map<string, number>();

  const proofOf = (claim: string) => createHmac('sha256', secret).update(claim).digest();
  const issue = (address: Address, nowMs: number) => {
    const expiresMs = nowMs + LIFE_MS;
    const claim = `${address.toLowerCase()}.${expiresMs}`;
    return { token: `${claim}.${proofOf(claim).toString('base64url')}`, expiresMs };
  };

  return {
    challenge(nowMs) {
      for (const [nonce, untilMs] of nonces) {
        if (untilMs > nowMs && nonces.size < MAX_NONCES) break;
        nonces.delete(nonce);
      }
      const nonce = randomBytes(16).toString('hex');
      nonces.set(nonce, nowMs + NONCE_LIFE_MS);
      return nonce;
    },
    async signIn(message, signature, nowMs) {
      if (typeof message !== 'string' || message.length > 4096 || !isHex(signature) || signature.length > 200) {
        throw unauthorized('The body has no message of EIP-4361 and its signature.');
      }
      const { uri: named, nonce = '', domain = '', chainId = 0 } = parseSiweMessage(message);
      if (named === undefined || !sameAddress(named, uri)) throw unauthorized(`The message is not for ${uri}.`);
      const untilMs = nonces.get(nonce) ?? 0;
      if (untilMs <= nowMs) throw unauthorized('The number in the message is not from here, used, or too old.');
      nonces.delete(nonce);
      // The page that asks may live anywhere, on any chain: the number and the address bind the message to this pinner.
      const address = await signedInAs(message, signature, { chainId, domain, nonce, nowMs });
      if (!address)
        throw unauthorized('The signature is not that of the address in the message, or the message is not of now.');
      return { address, ...issue(address, nowMs) };
    },
    owner(header, nowMs) {
      const [, address = '', expires = '', proof = ''] =
        /^Bearer (0x[0-9a-f]{40})\.(\d{1,16})\.([\w-]{43})$/.exec(header ?? '') ?? [];
      if (!isAddress(address)) throw unauthorized('There is no token in the request.');
      const given = Buffer.from(proof, 'base64url');
      const right = proofOf(`${address}.${expires}`);
      if (given.length !== right.length || !timingSafeEqual(given, right))
        throw unauthorized('The token is not from here.');
      if (Number(expires) <= nowMs) throw unauthorized('The token is too old.');
      return getAddress(address);
    },
    issue,
  };
}

function sameAddress(a: string, b: string): boolean {
  return URL.canParse(a) && new URL(a).href === new URL(b).href;
}
