// Signing in: recovers the account only for this page, this chain, this nonce, and now.

import { recoverMessageAddress, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { expect, it } from 'vitest';
import { signedInAs, signInMessage } from './sign-in.ts';

const account = privateKeyToAccount(`0x${'42'.repeat(32)}`);
const other = privateKeyToAccount(`0x${'43'.repeat(32)}`);
const nowMs = 1_700_000_000_000;
const question = { chainId: 10, domain: 'payable.test', nonce: 'abcdefgh12' };
const terms = { ...question, nowMs, address: account.address, uri: 'https://payable.test/' };
const message = signInMessage(terms);
const signed = (text: string) => account.signMessage({ message: text });

it('recovers the signer', async () => {
  expect(await signedInAs(message, await signed(message), question, nowMs)).toBe(account.address);
});

it.each([
  ['another question', { nonce: 'zzzzzzzz12' }],
  ['another page', { domain: 'evil.test' }],
  ['another chain', { chainId: 1 }],
])('recovers no address for %s', async (_what, change) => {
  expect(await signedInAs(message, await signed(message), { ...question, ...change }, nowMs)).toBeNull();
});

it('recovers no address when another key signed, the text was changed, or it is no signature', async () => {
  expect(await signedInAs(message, await other.signMessage({ message }), question, nowMs)).toBeNull();
  const signature = await signed(message);
  expect(await signedInAs(message.replace(account.address, other.address), signature, question, nowMs)).toBeNull();
  expect(await signedInAs(message, '0x1234', question, nowMs)).toBeNull();
  expect(await signedInAs('no such message', signature, question, nowMs)).toBeNull();
});

it.each<[string, number, (text: string) => string]>([
  ['when it has ended', nowMs + 600_000, (text) => text],
  ['when it is of the future', nowMs - 301_000, (text) => text],
  ['when it would last for years', nowMs, (text) => text.replace(/Expiration Time: 20../, 'Expiration Time: 2099')],
  ['when it has no end', nowMs, (text) => text.replace(/\nExpiration Time: .*/, '')],
  ['when it begins later', nowMs, (text) => `${text}\nNot Before: 2099-01-01T00:00:00.000Z`],
  ['when a field stands twice', nowMs, (text) => text.replace(/(Chain ID: )10/, '$110\n$110')],
  [
    'when its statement holds a second message',
    nowMs,
    (text) => text.replace('Sign in', `URI: https://evil.test/\n\nSign in`),
  ],
  ['when something follows it', nowMs, (text) => `${text}\nChain ID: 1`],
])('recovers no address %s', async (_what, atMs, change) => {
  const changed = change(message);
  expect(await signedInAs(changed, await signed(changed), question, atMs)).toBeNull();
});

it('refuses the second form of a signature', async () => {
  const signature = await signed(message);
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const high = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
  const twin = `${signature.slice(0, 66)}${high}${signature.endsWith('1b') ? '1c' : '1b'}` as const;
  expect(await recoverMessageAddress({ message, signature: twin as Hex })).toBe(account.address);
  expect(await signedInAs(message, twin as Hex, question, nowMs)).toBeNull();
});
