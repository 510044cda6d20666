import { zeroAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { parseChainContracts, SHIPPED_CONTRACTS } from './parse-chain-contracts.ts';

const { addresses } = SHIPPED_CONTRACTS;

describe('parseChainContracts', () => {
  it('reads the contracts’ addresses and the first block', () => {
    const lower = Object.fromEntries(Object.entries(addresses).map(([name, at]) => [name, at.toLowerCase()]));
    expect(parseChainContracts({ addresses: lower, fromBlock: 17 })).toEqual({ addresses, fromBlock: 17 });
    expect(parseChainContracts({ addresses })).toEqual({ addresses, fromBlock: 0 });
  });

  it.each([
    ['addresses', {}],
    ['addresses', null],
    ['addresses', { addresses: 'none' }],
    ['addresses.OpenToken', { addresses: { ...addresses, OpenToken: undefined } }],
    ['addresses.StakedOpen', { addresses: { ...addresses, StakedOpen: zeroAddress } }],
    ['addresses.Settlement', { addresses: { ...addresses, Settlement: '0x12' } }],
    ['fromBlock', { addresses, fromBlock: -1 }],
    ['fromBlock', { addresses, fromBlock: '17' }],
    ['fromBlock', { addresses, fromBlock: 1.5 }],
  ])('refuses a bad %s', (field, config) => {
    expect(() => parseChainContracts(config)).toThrow(`"${field}"`);
  });
});
