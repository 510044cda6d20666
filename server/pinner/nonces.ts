// Sign-in nonces. Each carries its own proof (an HMAC), so that requesting many takes no memory: only used nonces are
// kept, until they expire. A restart invalidates all earlier nonces.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { RefusedError } from './errors.ts';

export interface NonceTerms {
  domain: string;
  chainId: number;
}

export interface Nonces {
  make(terms: NonceTerms, nowMs: number): string;
  /** @throws RefusedError when the nonce is of another process or other terms, expired or used */
  use(nonce: string, terms: NonceTerms, nowMs: number): void;
}

const LIFE_MS = 10 * 60 * 1000;
/**
 * Most used nonces kept. Using one takes a signature; beyond this number in ten minutes, sign-in is refused until some
 * expire.
 */
const MAX_USED = 100_000;
/** Twelve hex digits of expiry time, sixteen random ones, the first half of an HMAC. */
const FORM = /^([0-9a-f]{28})([0-9a-f]{32})$/;

export function createNonces(maxUsed = MAX_USED): Nonces {
  const key = randomBytes(32);
  /** Used nonces with their expiry time, in order of use; `use` removes expired ones from the front. */
  const used = new Map<string, number>();

  const proofOf = (head: string, { domain, chainId }: NonceTerms) =>
    createHmac('sha256', key).update(`${head}\n${chainId}\n${domain}`).digest().subarray(0, 16);

  return {
    make(terms, nowMs) {
      const head = (nowMs + LIFE_MS).toString(16).padStart(12, '0') + randomBytes(8).toString('hex');
      return head + proofOf(head, terms).toString('hex');
    },
    use(nonce, terms, nowMs) {
      const [, head = '', proof = ''] = FORM.exec(nonce) ?? [];
      const untilMs = parseInt(head.slice(0, 12), 16);
      const isOurs = proof !== '' && timingSafeEqual(Buffer.from(proof, 'hex'), proofOf(head, terms));
      if (!isOurs || untilMs <= nowMs || used.has(nonce)) {
        throw new RefusedError(401, 'UNAUTHORIZED', 'The nonce in the message is unknown, used or expired.', {
          hint: 'Sign in again with your wallet.',
        });
      }
      for (const [old, endMs] of used) {
        if (endMs > nowMs) break;
        used.delete(old);
      }
      if (used.size >= maxUsed) throw new RefusedError(429, 'TOO_MANY', 'There are too many sign-ins at the moment.');
      used.set(nonce, untilMs);
    },
  };
}
