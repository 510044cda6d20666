import { describe, expect, it } from 'vitest';
import { chainMode, devnet, embedded } from './chains.ts';
import { parseChainConfig } from './parse-chain-config.ts';

const valid = { id: 901, name: 'Own L2', rpcUrl: 'https://rpc.example/', explorerUrl: 'https://scan.example/' };

describe('parseChainConfig', () => {
  it('reads a chain', () => {
    const chain = parseChainConfig({ ...valid, currency: 'XYZ', testnet: true });
    expect(chain).toMatchObject({ id: 901, name: 'Own L2', testnet: true, nativeCurrency: { symbol: 'XYZ' } });
    expect(chainMode(chain)).toBe('l2');
    expect(parseChainConfig({ ...valid, rpcUrl: 'http://localhost:9545' }).rpcUrls.default.http).toEqual([
      'http://localhost:9545',
    ]);
  });

  it('gives a chain of the OP Stack its contracts and formatters', () => {
    expect(parseChainConfig(valid).formatters).toBeUndefined();
    const chain = parseChainConfig({ ...valid, opStack: true });
    expect(chain).toMatchObject({ id: 901, name: 'Own L2', blockTime: 2000 });
    expect(chain.contracts?.['gasPriceOracle']).toEqual({ address: '0x420000000000000000000000000000000000000F' });
    expect(chain.serializers?.transaction).toBeTypeOf('function');
    const receipt = chain.formatters?.transactionReceipt?.format({ l1Fee: '0x10' }, 'receipt');
    expect(receipt).toMatchObject({ l1Fee: 16n });
  });

  it.each([
    ['(whole)', null],
    ['id', { ...valid, id: 1.5 }],
    ['id', { ...valid, id: embedded.id }],
    ['id', { ...valid, id: devnet.id }],
    ['name', { ...valid, name: '' }],
    ['rpcUrl', { ...valid, rpcUrl: 'http://rpc.example/' }],
    ['rpcUrl', { ...valid, rpcUrl: 'https://name:secret@rpc.example/' }],
    ['rpcUrl', { ...valid, rpcUrl: 'nonsense' }],
    ['explorerUrl', { ...valid, explorerUrl: 'javascript:alert(1)' }],
    ['testnet', { ...valid, testnet: 'yes' }],
    ['opStack', { ...valid, opStack: 1 }],
  ])('refuses a bad %s', (field, config) => {
    expect(() => parseChainConfig(config)).toThrow(`"${field}"`);
  });

  it('tells the modes apart', () => {
    expect([embedded, devnet].map(chainMode)).toEqual(['embedded', 'devnet']);
    expect(embedded.id).not.toBe(devnet.id);
  });
});
