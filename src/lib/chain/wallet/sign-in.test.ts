// Signing in: the right account, for this page, this chain, this question, now, and nothing else.

import { privateKeyToAccount } from 'viem/accounts';
import { expect, it } from 'vitest';
import { signedInAs, signInMessage } from './sign-in.ts';

const account = privateKeyToAccount(`0x${'42'.repeat(32)}`);
const other = privateKeyToAccount(`0x${'43'.repeat(32)}`);
const nowMs = 1_700_000_000_000;
const expected = { chainId: 10, domain: 'payable.test', nonce: 'abcdefgh12', nowMs };
const message = signInMessage({ ...expected, address: account.address, uri: 'https://payable.test/' });

it('knows who signed', async () => {
  const signature = await account.signMessage({ message });
  expect(await signedInAs(message, signature, expected)).toBe(account.address);
});

it.each([
  ['another question', { nonce: 'zzzzzzzz12' }],
  ['another page', { domain: 'evil.test' }],
  ['another chain', { chainId: 1 }],
  ['a later time', { nowMs: nowMs + 600_000 }],
])('is nobody for %s', async (_what, change) => {
  const signature = await account.signMessage({ message });
  expect(await signedInAs(message, signature, { ...expected, ...change })).toBeNull();
});

it('is nobody when another key signed, when the text was changed, when it is no signature', async () => {
  expect(await signedInAs(message, await other.signMessage({ message }), expected)).toBeNull();
  const signature = await account.signMessage({ message });
  expect(await signedInAs(message.replace(account.address, other.address), signature, expected)).toBeNull();
  expect(await signedInAs(message, '0x1234', expected)).toBeNull();
  expect(await signedInAs('no such message', signature, expected)).toBeNull();
});
