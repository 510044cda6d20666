import { readFileSync } from 'node:fs';
import { sha256 } from 'hash-wasm';
import { hexToBytes, keccak256, numberToHex, toFunctionSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import { createTestNode, testGenesis } from '#tests/support/embedded-chain.ts';
import addresses from '#lib/chain/addresses.json' with { type: 'json' };
import oracle from '#lib/chain/deploy/l1-fee-oracle.json' with { type: 'json' };
import { embedded } from '../chains.ts';
import { GENESIS_FILE } from './genesis-file.ts';
import { CREATE2_DEPLOYER, genesisBlock, readGenesis } from './genesis.ts';

const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const read = async (value: unknown) => readGenesis(bytesOf(value), await sha256(bytesOf(value)));

describe('the shipped genesis', () => {
  it('matches its hash, is for the sandbox, and holds the CREATE2 deployer', async () => {
    const genesis = await readGenesis(readFileSync(`static/${GENESIS_FILE.path}`), GENESIS_FILE.sha256);
    expect(genesis.chainId).toBe(embedded.id);
    const { address, code } = CREATE2_DEPLOYER;
    expect(genesis.accounts).toContainEqual(expect.objectContaining({ address, code }));
    // The code hash that the deployer has on mainnet.
    expect(keccak256(CREATE2_DEPLOYER.code)).toBe('0x2fa86add0aed31f33a762c9d88e807c475bd51d0f52bd0955754b2608f7e4989');
  });

  it('has every contract at its address, and the fee oracle', async () => {
    const { accounts } = await readGenesis(readFileSync(`static/${GENESIS_FILE.path}`), GENESIS_FILE.sha256);
    const there = new Set(accounts.filter(({ code }) => code !== '0x').map(({ address }) => address));
    for (const address of [...Object.values(addresses), oracle.address]) expect(there).toContain(address.toLowerCase());
  });

  it('gives no account a balance', async () => {
    const { accounts } = await readGenesis(readFileSync(`static/${GENESIS_FILE.path}`), GENESIS_FILE.sha256);
    expect(accounts.filter(({ balanceWei }) => balanceWei !== '0x0')).toEqual([]);
  });
});

describe('readGenesis', () => {
  it('refuses bytes with another hash, and files that are not a genesis', async () => {
    await expect(readGenesis(bytesOf(testGenesis), '00'.repeat(32))).rejects.toThrow('its sha256 is');
    await expect(read('{')).rejects.toThrow('not JSON');
    await expect(read('null')).rejects.toThrow('format');
    await expect(read({ ...testGenesis, format: 'payable/genesis@2' })).rejects.toThrow('format');
    await expect(read({ ...testGenesis, chainId: 1.5 })).rejects.toThrow('chain id');
    await expect(read({ ...testGenesis, timestamp: -1 })).rejects.toThrow('timestamp');
    await expect(read({ ...testGenesis, accounts: [{ address: '0x' }] })).rejects.toThrow('account 0');
    expect(await read(testGenesis)).toEqual(testGenesis);
  });
});

describe('the genesis block', () => {
  it('has a hash that depends on every account and on the chain', () => {
    const hash = (change: object) => genesisBlock({ ...testGenesis, ...change }).header.hash;
    const [first, ...rest] = testGenesis.accounts;
    const hashes = [{}, { timestamp: 1 }, { accounts: rest }, { accounts: [{ ...first!, nonce: '0x9' }, ...rest] }].map(
      hash,
    );
    expect(new Set(hashes).size).toBe(4);
  });

  it('is block 0, and BLOCKHASH returns its hash', async () => {
    const { node, reader } = createTestNode();
    const { hash } = genesisBlock(testGenesis).header;
    expect(await reader.getBlock({ blockNumber: 0n })).toMatchObject({ hash, number: 0n });
    await node.request('evm_mine', []);
    // BLOCKHASH(0) as the returned word of a creation.
    const { data } = await reader.call({ data: '0x5f405f5260205ff3' });
    expect(data).toBe(hash);
  });
});

it('answers many reads in one request without a multicall contract', async () => {
  const { reader } = createTestNode();
  // The precompile that hashes its call data, here the selector alone.
  const address = numberToHex(2, { size: 20 });
  const outputs = [{ type: 'bytes32' }] as const;
  const abi = [{ type: 'function', name: 'any', inputs: [], outputs, stateMutability: 'view' }] as const;
  const call = { address, abi, functionName: 'any' } as const;
  const wanted = `0x${await sha256(hexToBytes(toFunctionSelector('any()')))}`;
  const results = await reader.multicall({ contracts: [call, call], deployless: true });
  expect(results).toEqual([wanted, wanted].map((result) => ({ status: 'success', result })));
});
