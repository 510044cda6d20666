// A chain of the OP Stack as an operator runs it: the files of l2/ with anvil in its optimism mode, deployment from the command
// line, and fees that agree with viem's and the oracle's.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createPublicClient,
  createTestClient,
  encodeFunctionData,
  http,
  numberToHex,
  serializeTransaction,
  toHex,
  zeroAddress,
} from 'viem';
import type { Address, Hex, PublicClient } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { estimateL1Fee, estimateOperatorFee, estimateTotalFee } from 'viem/op-stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { l1FeeOracleAbi } from '#lib/chain/abi/l1-fee-oracle.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { embedded } from '#lib/chain/chains.ts';
import oracle from '#lib/chain/deploy/l1-fee-oracle.json' with { type: 'json' };
import { quoteFee } from '#lib/chain/tx/fees.ts';
import { parseChainConfig } from '#lib/chain/parse-chain-config.ts';
import { run } from '../../cli/run.ts';
import { runAnvil, type Anvil } from '../../scripts/house/run-anvil.ts';
import { alice, bob } from '../support/embedded-chain.ts';
import { at, createSandbox } from '../support/sandbox.ts';

const REHEARSAL = JSON.parse(readFileSync('l2/rehearsal/chain.json', 'utf8')) as Record<string, unknown> & {
  id: number;
};
const ADDRESSES = 'l2/rehearsal/addresses.json';
const ORACLE = oracle.address as Address;
const scratch = mkdtempSync(join(tmpdir(), 'payable-l2-'));
const keyFile = join(scratch, 'founder');
let anvil: Anvil;

const kept = (name: string, value: unknown): string => {
  const file = join(scratch, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
};

async function payable(...args: string[]) {
  let out = '';
  const lines: string[] = [];
  const output = { write: (text: string) => void (out += text), fail: (line: string) => void lines.push(line) };
  const code = await run([...args, '--mode', 'l2'], output, new AbortController().signal);
  return { code, out, lines };
}

beforeAll(async () => {
  anvil = await runAnvil({ chainId: REHEARSAL.id, port: 0, network: 'optimism' });
  writeFileSync(keyFile, toHex(alice.getHdKey().privateKey!));
});
afterAll(async () => {
  await anvil.stop();
  rmSync(scratch, { recursive: true });
});

describe('payable chain deploy --mode l2', () => {
  const chainFile = (more: object = {}) => kept('chain.json', { ...REHEARSAL, rpcUrl: anvil.url, ...more });
  const deploy = (...more: string[]) =>
    payable('chain', 'deploy', '--chain', chainFile(), '--addresses', ADDRESSES, '--key-file', keyFile, ...more);

  it('refuses addresses that do not follow from the parties, and a chain without parties', async () => {
    const wrong = { ...(JSON.parse(readFileSync(ADDRESSES, 'utf8')) as object), Settlement: ORACLE };
    const other = await payable(
      ...['chain', 'deploy', '--chain', chainFile(), '--addresses', kept('wrong.json', wrong), '--key-file', keyFile],
    );
    expect(other.lines).toEqual([expect.stringContaining('These parties put Settlement at 0x')]);
    const nobody = await payable(
      ...[
        'chain',
        'deploy',
        '--chain',
        chainFile({ parties: undefined }),
        '--addresses',
        ADDRESSES,
        '--key-file',
        keyFile,
      ],
    );
    expect(nobody.lines).toEqual([expect.stringContaining('names no parties')]);
    const nowhere = await payable('chain', 'status', '--chain', chainFile({ parties: undefined }));
    expect(nowhere.lines).toEqual([expect.stringContaining('Where are the contracts?')]);
    const short = await payable('chain', 'status', '--chain', chainFile({ parties: { founder: zeroAddress } }));
    expect(short.lines).toEqual([expect.stringContaining('"parties.founder" must be an address')]);
  });

  it('deploys with the files of l2/, then has nothing left to do', async () => {
    const { code, out, lines } = await deploy();
    expect([code, lines]).toEqual([0, []]);
    expect(out).toMatch(/^Deployed in \d+ transactions, from block 1 on\.\n$/);
    expect((await deploy()).out).toBe('Everything stood already.\n');
    const status = await payable('chain', 'status', '--chain', chainFile());
    expect(status.out).toContain('Payable rehearsal (l2, chain 901)');
    expect(status.out).toMatch(/all \d+ contracts/);
  });

  it('reads the token there like on other chains', async () => {
    const someone = privateKeyToAddress(numberToHex(9, { size: 32 }));
    const sent = await payable('token', 'balance', someone, '--chain', chainFile(), '--addresses', ADDRESSES, '--json');
    expect(JSON.parse(sent.out)).toMatchObject({ balanceWei: '0' });
  });
});

describe.each(['embedded', 'anvil'])('fees on %s', (where) => {
  const call = {
    to: at.OpenToken,
    data: encodeFunctionData({
      abi: openTokenAbi,
      functionName: 'approve',
      args: [bob.address, 12345678901234567890n],
    }),
    valueWei: 0n,
  };
  let read: PublicClient;

  beforeAll(async () => {
    if (where === 'embedded') {
      const sandbox = await createSandbox();
      await sandbox.giveEther(alice.address);
      read = sandbox.reader;
      return;
    }
    const chain = parseChainConfig({ ...REHEARSAL, rpcUrl: anvil.url });
    const around = { chain, transport: http(anvil.url) };
    await createTestClient({ ...around, mode: 'anvil' }).setCode({ address: ORACLE, bytecode: oracle.code as Hex });
    read = createPublicClient(around);
  });

  it('equal those of viem and of the oracle', async () => {
    const quote = await quoteFee({ read, mode: 'l2' }, alice.address, call);
    const { to, data } = call;
    const request = { account: alice.address, to, data, chain: read.chain!, gasPriceOracleAddress: ORACLE };
    expect(quote.operatorWei).toBe(await estimateOperatorFee(read, request));
    expect(quote.l1Wei).toBe(await estimateL1Fee(read, request));
    expect(quote.totalWei).toBe(await estimateTotalFee(read, request));
    expect(quote.totalWei).toBe(quote.l2Wei + quote.l1Wei + quote.operatorWei);

    const nonce = await read.getTransactionCount({ address: alice.address });
    const { maxFeePerGas, maxPriorityFeePerGas } = await read.estimateFeesPerGas();
    const fields = { chainId: read.chain!.id, nonce, gas: quote.gas, maxFeePerGas, maxPriorityFeePerGas, to, data };
    const unsigned = serializeTransaction({ ...fields, type: 'eip1559' });
    const ask = { address: ORACLE, abi: l1FeeOracleAbi } as const;
    expect(await read.readContract({ ...ask, functionName: 'getL1Fee', args: [unsigned] })).toBe(quote.l1Wei);
    expect(await read.readContract({ ...ask, functionName: 'getOperatorFee', args: [quote.gas] })).toBe(
      quote.operatorWei,
    );
    expect(quote.l1Wei).toBeGreaterThan(0n);
    expect(read.chain!.id).toBe(where === 'embedded' ? embedded.id : REHEARSAL.id);
  });
});
