// The files of l2/ as shipped, filled in, and with each mistake that an operator can make in them.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAddress } from 'viem/accounts';
import { numberToHex, zeroAddress } from 'viem';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import addresses from '#lib/chain/addresses.json' with { type: 'json' };
import { readL2Folder } from './l2-folder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-l2-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const folder = join(scratch, 'own');

const change = (file: string, from: string | RegExp, to: string): void => {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(from);
  writeFileSync(path, text.replaceAll(from, to));
};

it('ships a complete rehearsal, whose contracts are at the addresses that the app expects', () => {
  const { plan, problems } = readL2Folder('l2/rehearsal', {});
  expect(problems).toEqual([]);
  expect(plan?.addresses).toEqual(addresses);
  expect(JSON.parse(readFileSync('l2/rehearsal/addresses.json', 'utf8'))).toEqual(addresses);
});

it('ships a template for a self-run chain, and reports exactly its blanks', () => {
  const { plan, problems } = readL2Folder('l2/own-chain', {});
  expect(plan).toBeNull();
  const zeros = problems.filter((problem) => problem.endsWith('is the zero address.'));
  const blanks = problems.filter((problem) => problem.endsWith('is empty, and not in the environment.'));
  const parties = problems.filter((problem) => problem.includes('"parties.founder" must be an address'));
  expect(zeros).toHaveLength(14);
  expect(blanks).toHaveLength(7);
  expect(parties).toHaveLength(1);
  expect(problems).toHaveLength(22);
});

describe('a self-run chain, filled in', () => {
  let count = 0;
  const fresh = () => privateKeyToAddress(numberToHex(++count, { size: 32 }));
  const environment = { OP_BATCHER_PRIVATE_KEY: '0x01', EIGENDA_PROXY_EIGENDA_V2_SIGNER_PRIVATE_KEY_HEX: '01' };

  beforeEach(() => {
    cpSync('l2/own-chain', folder, { recursive: true, force: true });
    for (const file of ['chain.json', 'intent.toml']) {
      const path = join(folder, file);
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replaceAll(`"${zeroAddress}"`, () => `"${fresh()}"`),
      );
    }
    for (const file of ['op-node.env', 'op-batcher.env', 'eigenda-proxy.env']) {
      change(file, /^(\w+(?:RPC|BEACON))=$/gm, '$1=https://l1.example/');
    }
    change('eigenda-proxy.env', /VERIFIER_ADDR=$/gm, `VERIFIER_ADDR=${fresh()}`);
  });

  it('has no problem left, with keys from the environment', () => {
    const { plan, problems } = readL2Folder(folder, environment);
    expect(problems).toEqual([]);
    expect(plan?.addresses.OpenToken).not.toBe(addresses.OpenToken);
  });

  it.each([
    ['chain.json', '"opStack": true', '"opStack": false', 'says "opStack": true'],
    ['chain.json', '5171831', '5171832', 'chain.json says 5171832'],
    ['chain.json', '"issuer"', '"issue"', '"parties.issue" is not a known party'],
    ['intent.toml', '4eea77', '4eea78', 'chains.id is 0x'],
    ['intent.toml', 'useAltDA = true', 'useAltDA = false', 'EigenDA takes useAltDA = true'],
    ['intent.toml', 'GenericCommitment', 'KeccakCommitment', 'daCommitmentType = "GenericCommitment"'],
    ['intent.toml', 'daResolveWindow = 300', 'daResolveWindow = 0', 'must not be zero'],
    ['intent.toml', 'l1ChainID = 11155111', 'l1ChainID = 1', 'on chain 1 it is mainnet'],
    ['intent.toml', 'sequencerWindowSize = 3600', 'sequencerWindowSize = 7200', 'recency window'],
    ['intent.toml', '[[chains]]', '[[chains]]\nid = "0x01"\n[[chains]]', 'makes 2 chains'],
    ['op-node.env', 'ALTDA_DA_SERVICE=true', 'ALTDA_DA_SERVICE=false', 'OP_NODE_ALTDA_DA_SERVICE must be true'],
    ['op-batcher.env', 'VERIFY_ON_READ=false', 'VERIFY_ON_READ=true', 'OP_BATCHER_ALTDA_VERIFY_ON_READ must be false'],
    ['op-batcher.env', ':3100', ':3101', 'OP_BATCHER_ALTDA_DA_SERVER is not at the port'],
    ['eigenda-proxy.env', 'https://l1.example/', '', 'V2_ETH_RPC is empty'],
  ])('%s: %s → %s is reported', (file, from, to, words) => {
    change(file, from, to);
    const { problems } = readL2Folder(folder, environment);
    expect(problems.join('\n')).toContain(words);
  });
});
