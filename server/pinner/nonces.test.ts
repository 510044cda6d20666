// Sign-in nonces: valid once, for ten minutes, for one page and chain, under any number of other requests.

import { expect, it } from 'vitest';
import { createNonces } from './nonces.ts';

const terms = { domain: 'payable.test', chainId: 10 };

it('are valid once, for their page and chain, for ten minutes, in the process that made them', () => {
  const nonces = createNonces();
  const nonce = nonces.make(terms, 1_000);
  expect(nonce).toMatch(/^[0-9a-f]{60}$/);
  const refused = { status: 401 };
  expect(() => nonces.use(nonce, { ...terms, domain: 'evil.test' }, 2_000)).toThrow(expect.objectContaining(refused));
  expect(() => nonces.use(nonce, { ...terms, chainId: 1 }, 2_000)).toThrow(expect.objectContaining(refused));
  expect(() => nonces.use(`f${nonce.slice(1)}`, terms, 2_000)).toThrow(expect.objectContaining(refused));
  expect(() => nonces.use(nonce, terms, 601_000)).toThrow(expect.objectContaining(refused));
  expect(() => createNonces().use(nonce, terms, 2_000)).toThrow(expect.objectContaining(refused));
  nonces.use(nonce, terms, 2_000);
  expect(() => nonces.use(nonce, terms, 2_000)).toThrow(expect.objectContaining(refused));
});

it('stay valid while many others are requested', () => {
  const nonces = createNonces();
  const honest = nonces.make(terms, 0);
  for (let at = 0; at < 50_000; at++) nonces.make(terms, 1);
  nonces.use(honest, terms, 2);
});

it('remembers used nonces until they expire, up to a limit', () => {
  const nonces = createNonces(2);
  const [first, second, third] = [0, 1, 2].map((nowMs) => nonces.make(terms, nowMs));
  nonces.use(first!, terms, 3);
  nonces.use(second!, terms, 3);
  expect(() => nonces.use(third!, terms, 3)).toThrow(expect.objectContaining({ status: 429 }));
  nonces.use(third!, terms, 600_001);
});
