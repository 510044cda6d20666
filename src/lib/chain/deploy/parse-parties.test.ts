import { expect, it } from 'vitest';
import { privateKeyToAddress } from 'viem/accounts';
import { numberToHex, zeroAddress } from 'viem';
import { parseParties } from './parse-parties.ts';
import { SANDBOX_PARTIES } from './sandbox-parties.ts';

const own = Object.fromEntries(
  Object.keys(SANDBOX_PARTIES).map((name, at) => [name, privateKeyToAddress(numberToHex(at + 1, { size: 32 }))]),
);

it('reads six parties, in either spelling of an address', () => {
  const lower = Object.fromEntries(Object.entries(own).map(([name, address]) => [name, address.toLowerCase()]));
  expect(parseParties(lower, { testnet: false })).toEqual(own);
  expect(parseParties({ ...SANDBOX_PARTIES }, { testnet: true })).toEqual(SANDBOX_PARTIES);
});

it.each([
  ['parties.founder', null],
  ['parties.guardian', { ...own, guardian: zeroAddress }],
  ['parties.team', { ...own, team: '0x1234' }],
  ['parties.friend', { ...own, friend: own['team'] }],
  ['parties.liquidity', { ...own, liquidity: undefined }],
])('refuses a bad %s', (field, parties) => {
  expect(() => parseParties(parties, { testnet: true })).toThrow(`"${field}"`);
});

it('refuses accounts with public keys except on testnets', () => {
  const mixed = { ...own, issuer: SANDBOX_PARTIES.issuer };
  expect(() => parseParties(mixed, { testnet: false })).toThrow('"parties.issuer" is an account of the public');
});
