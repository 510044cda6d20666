// Authentication: a wallet signs an EIP-4361 message that names this pinner, the requesting page and a nonce, and gets
// a token for a week. Tokens are not stored; one secret in the datastore signs and verifies them.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Datastore } from 'interface-datastore';
import { Key } from 'interface-datastore';
import { getAddress, isAddress, isHex, type Address } from 'viem';
import { readSignIn, signedInAs } from '#lib/chain/wallet/sign-in.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { badRequest, RefusedError } from './errors.ts';
import { createNonces } from './nonces.ts';

const LIFE_MS = 7 * 24 * 3600 * 1000;
const SECRET = new Key('/payable/token-secret');

export interface Tokens {
  /** A nonce, valid once, for ten minutes, and for one page and chain. @throws RefusedError */
  challenge(body: unknown, origin: string | undefined, nowMs: number): string;
  /**
   * @throws RefusedError when the message is for another pinner, page or chain, expired, or not signed by its address
   */
  signIn(
    body: unknown,
    origin: string | undefined,
    nowMs: number,
  ): Promise<{ address: Address; token: string; expiresMs: number }>;
  /** The wallet behind an Authorization header. @throws RefusedError */
  owner(header: string | undefined, nowMs: number): Address;
  /** A token without a signature, for the operator's own tools. */
  issue(address: Address, nowMs: number): { token: string; expiresMs: number };
}

const unauthorized = (message: string) =>
  new RefusedError(401, 'UNAUTHORIZED', message, { hint: 'Sign in again with your wallet.' });

/** `uri` is the public URL of this pinner. */
export async function openTokens(data: Datastore, uri: string): Promise<Tokens> {
  const secret = (await data.has(SECRET)) ? await data.get(SECRET) : randomBytes(32);
  await data.put(SECRET, secret);
  const nonces = createNonces();

  const proofOf = (claim: string) => createHmac('sha256', secret).update(claim).digest();
  const issue = (address: Address, nowMs: number) => {
    const expiresMs = nowMs + LIFE_MS;
    const claim = `${address.toLowerCase()}.${expiresMs}`;
    return { token: `${claim}.${proofOf(claim).toString('base64url')}`, expiresMs };
  };

  return {
    challenge(body, origin, nowMs) {
      const { domain, chainId } = isJsonObject(body) ? body : {};
      if (typeof domain !== 'string' || domain.length > 255 || !isWhole(chainId)) {
        throw badRequest('The body needs "domain", that of the requesting page, and "chainId".');
      }
      checkOrigin(domain, origin);
      return nonces.make({ domain, chainId }, nowMs);
    },
    async signIn(body, origin, nowMs) {
      const { message, signature } = isJsonObject(body) ? body : {};
      if (typeof message !== 'string' || message.length > 4096 || !isHex(signature)) {
        throw unauthorized('The body needs "message" (EIP-4361) and "signature".');
      }
      const fields = readSignIn(message);
      if (!fields) throw unauthorized('The message does not follow EIP-4361, or has a field twice.');
      if (!sameAddress(fields.uri, uri)) throw unauthorized(`The message is not for ${uri}.`);
      const { domain, chainId, nonce } = fields;
      checkOrigin(domain, origin);
      const address = await signedInAs(message, signature, { chainId, domain, nonce }, nowMs);
      if (!address)
        throw unauthorized('The signature is not that of the address in the message, or the message is not current.');
      nonces.use(nonce, { domain, chainId }, nowMs);
      return { address, ...issue(address, nowMs) };
    },
    owner(header, nowMs) {
      const [, address = '', expires = '', proof = ''] =
        /^Bearer (0x[0-9a-f]{40})\.(\d{1,16})\.([\w-]{43})$/.exec(header ?? '') ?? [];
      if (!isAddress(address)) throw unauthorized('There is no token in the request.');
      const given = Buffer.from(proof, 'base64url');
      const right = proofOf(`${address}.${expires}`);
      if (given.length !== right.length || !timingSafeEqual(given, right))
        throw unauthorized('This server did not issue the token.');
      if (Number(expires) <= nowMs) throw unauthorized('The token has expired.');
      return getAddress(address);
    },
    issue,
  };
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** The browser sets the Origin header, so that a page cannot use a message signed for another. */
function checkOrigin(domain: string, origin: string | undefined): void {
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? new URL(origin).host : '';
  if (host !== domain) throw new RefusedError(403, 'FORBIDDEN', `The page is ${host || 'unknown'}, not ${domain}.`);
}

function sameAddress(a: string, b: string): boolean {
  return URL.canParse(a) && new URL(a).href === new URL(b).href;
}
