// The chain commands end to end: a sandbox kept in a folder between commands, one line or one JSON object as the
// result, one line for each error.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFunctionData, numberToHex } from 'viem';
import { mnemonicToAccount, privateKeyToAddress } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import addresses from '#lib/chain/addresses.json' with { type: 'json' };
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { run } from './run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-chain-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const data = join(scratch, 'sandbox');

const keyOf = (addressIndex: number) =>
  `0x${Buffer.from(
    mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex }).getHdKey()
      .privateKey!,
  ).toString('hex')}`;
const LIQUIDITY = '0x976EA74026E726554dB657fA54763abd0C3a0aa9';
const someone = privateKeyToAddress(numberToHex(77, { size: 32 }));
const keyFile = join(scratch, 'key');

beforeAll(() => writeFileSync(keyFile, `${keyOf(6)}\n`));

async function payable(...args: string[]) {
  let out = '';
  const lines: string[] = [];
  const output = { write: (text: string) => void (out += text), fail: (line: string) => void lines.push(line) };
  const code = await run(args, output, new AbortController().signal);
  return { code, out, lines };
}
const sandbox = (...args: string[]) => payable(...args, '--data', data);
const holder = (...args: string[]) => sandbox(...args, '--key-file', keyFile);
const json = async (result: Promise<{ code: number; out: string; lines: string[] }>) => {
  const { code, out, lines } = await result;
  expect([code, lines]).toEqual([0, []]);
  expect(out.trim().split('\n')).toHaveLength(1);
  return JSON.parse(out) as Record<string, unknown>;
};

describe('the sandbox in a folder', () => {
  test('starts from the shipped contracts', async () => {
    const status = await json(sandbox('chain', 'status', '--json'));
    expect(status).toMatchObject({ mode: 'embedded', block: '0', missing: [] });
    const { out } = await sandbox('chain', 'status');
    expect(out).toMatch(/^Payable sandbox .* at block 0; all \d+ contracts\.\n$/);
  });

  test('gives coins, pays OPEN, and keeps both in the folder', async () => {
    expect(await json(holder('chain', 'faucet', '--json'))).toMatchObject({ to: LIQUIDITY });
    const paid = await json(holder('token', 'transfer', someone, '12.5', '--json'));
    expect(paid).toMatchObject({ verb: 'transfer', blockNumber: 2, explanation: `You pay 12.5 OPEN to ${someone}` });
    expect(await json(sandbox('token', 'balance', someone, '--json'))).toMatchObject({
      balanceWei: '12500000000000000000',
    });
    expect(await json(sandbox('chain', 'status', '--json'))).toMatchObject({ block: '2' });
    const kept = readdirSync(data).filter((name) => name.startsWith('tx-'));
    expect(kept).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(data, kept[0]!), 'utf8'))).toMatchObject({ state: { status: 'safe' } });
    expect(readdirSync(data)).not.toContain('lock');
  });

  test('reads the token from its contracts', async () => {
    const info = await json(sandbox('token', 'info', '--json'));
    expect(info).toMatchObject({ symbol: 'OPEN', supplyWei: `1${'0'.repeat(27)}` });
    const allocation = info['allocation'] as { amountWei: string }[];
    expect(allocation.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n)).toBe(10n ** 27n);
    expect((await holder('chain', 'accounts')).out).toContain(`you ${LIQUIDITY}: `);
  });

  test('stakes, and shows the stake', async () => {
    const peer = numberToHex(5, { size: 32 });
    await json(holder('stake', 'register', '2000', '--peer-id', peer, '--json'));
    await json(holder('stake', 'add', '10', '--json'));
    await json(holder('stake', 'request-exit', '500', '--json'));
    expect(await json(holder('stake', 'status', '--json'))).toMatchObject({
      stakeWei: '1510000000000000000000',
      exitingWei: '500000000000000000000',
      peerId: peer,
    });
    const early = await holder('stake', 'claim');
    expect([early.code, early.lines[0]]).toEqual([1, expect.stringContaining('of this account is nothing yet')]);
    await json(holder('stake', 'reward', '700', '--json'));
    const idle = await holder('stake', 'count');
    expect([idle.code, idle.lines[0]]).toEqual([1, expect.stringContaining('is counted already, or there is none')]);
    const { code, lines } = await holder('stake', 'exit');
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toContain('The stake can be taken from');
  });

  test('proposes and lists', async () => {
    // Liquidity itself has no votes.
    const silent = await holder('vote', 'delegate', LIQUIDITY);
    expect([silent.code, silent.lines[0]]).toEqual([1, expect.stringContaining('does not vote')]);
    expect(await json(holder('vote', 'faucet', '--json'))).toEqual({ to: LIQUIDITY });
    // Votes count from the next second; every block is at least one second later.
    await json(holder('chain', 'faucet', someone, '--json'));
    const call = `${addresses.Settlement},${encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args: [100] })}`;
    await json(holder('vote', 'propose', '--call', call, '--description', '# Lower the fee', '--json'));
    const { proposals } = (await json(sandbox('vote', 'list', '--json'))) as {
      proposals: { proposalId: string; state: string }[];
    };
    expect(proposals).toMatchObject([{ state: 'pending', description: '# Lower the fee', proposer: LIQUIDITY }]);
    const { lines } = await holder('vote', 'cast', proposals[0]!.proposalId, 'for');
    expect(lines[0]).toContain('is pending');
    const queued = await holder('vote', 'queue', proposals[0]!.proposalId);
    expect(queued.lines[0]).toContain('is pending');
  });

  test('moves the time of the sandbox forward', async () => {
    const before = (await json(sandbox('chain', 'status', '--json'))) as { timestamp: string };
    const { proposals } = (await json(sandbox('vote', 'list', '--json'))) as { proposals: { proposalId: string }[] };
    const { timestamp } = (await json(sandbox('chain', 'later', '90000', '--json'))) as { timestamp: string };
    expect(BigInt(timestamp) - BigInt(before.timestamp)).toBeGreaterThanOrEqual(90_000n);
    expect(await json(holder('vote', 'cast', proposals[0]!.proposalId, 'for', '--json'))).toMatchObject({
      verb: 'vote',
    });
  });

  test('gives OPEN in the sandbox', async () => {
    const to = numberToHex(1234, { size: 20 });
    await json(sandbox('token', 'faucet', to, '--json'));
    expect(await json(sandbox('token', 'balance', to, '--json'))).toMatchObject({ balanceWei: `1${'0'.repeat(21)}` });
  });

  test('takes the key from the environment', async () => {
    vi.stubEnv('PAYABLE_KEY', keyOf(6));
    expect(await json(sandbox('token', 'balance', '--json'))).toMatchObject({ address: LIQUIDITY });
    vi.unstubAllEnvs();
  });

  test('admits one process at a time, and ignores the lock of a dead one', async () => {
    writeFileSync(join(data, 'lock'), String(process.pid));
    const { code, lines } = await sandbox('chain', 'status');
    expect([code, lines]).toEqual([1, [expect.stringContaining(`process ${process.pid} is using this chain`)]]);
    writeFileSync(join(data, 'lock'), '999999999');
    expect((await sandbox('chain', 'status')).code).toBe(0);
  });

  test('refuses a folder that was tampered with', async () => {
    const other = join(scratch, 'other');
    for (const at of [1, 2])
      expect(await payable('chain', 'faucet', numberToHex(at + 50, { size: 20 }), '--data', other)).toMatchObject({
        code: 0,
      });
    rmSync(join(other, 'block-0000000001.json'));
    const { code, lines } = await payable('chain', 'status', '--data', other);
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).not.toContain('internal error');
  });
});

test.each([
  [['chain'], 'chain needs a verb'],
  [['chain', 'fly'], 'no chain "fly"'],
  [['chain', 'status', 'now'], 'one word too many'],
  [['chain', 'status', '--mode', 'moon'], 'Option --mode is "moon"'],
  [['chain', 'status', '--rpc', 'http://127.0.0.1:1'], 'not for --mode embedded'],
  [['chain', 'status', '--mode', 'devnet', '--rpc', 'http://127.0.0.1:1'], 'does not answer'],
  [['chain', 'status', '--mode', 'devnet', '--rpc', 'nowhere'], 'It takes a URL'],
  [['chain', 'status', '--mode', 'l2'], 'Option --chain is missing'],
  [['token', 'transfer', someone, '1'], 'needs a key'],
  [['token', 'transfer', someone, '1e9', '--key-file', keyFile], 'is not an amount'],
  [['token', 'transfer', 'bob', '1', '--key-file', keyFile], 'is not an address'],
  [['token', 'transfer', '--key-file', keyFile], 'The recipient is missing'],
  [['token', 'balance', '--key-file', join(scratch, 'none')], 'there is no such file'],
  [['token', 'balance'], 'Whose balance?'],
  [['token', 'balance', 'bob.eth'], '"bob.eth" is not an address'],
  [['stake', 'status', '0x12'], '"0x12" is not an address'],
  [['chain', 'later', 'soon'], '"soon" is not a number of seconds'],
  [['chain', 'later', '0'], '"0" is not a number of seconds'],
  [['stake', 'register', '1', '--key-file', keyFile], 'Option --peer-id is missing'],
  [['vote', 'cast', 'x', 'for', '--key-file', keyFile], 'is not a proposal'],
  [['vote', 'cast', '1', 'maybe', '--key-file', keyFile], 'A vote is not "maybe"'],
  [['vote', 'propose', '--description', 'x', '--key-file', keyFile], 'Option --call is missing'],
  [['vote', 'execute', '7', '--key-file', keyFile], 'There is no proposal 7'],
] as const)('%j ends in one line', async (args, words) => {
  const modes = args.includes('--mode' as never) ? [] : ['--data', join(scratch, 'bad')];
  const { code, out, lines } = await payable(...args, ...modes);
  expect([code, out, lines.length]).toEqual([1, '', 1]);
  expect(lines[0]).toContain(words);
  expect(lines[0]).not.toContain('internal error');
});

test('an invalid key is not printed', async () => {
  const bad = join(scratch, 'bad-key');
  writeFileSync(bad, 'correct horse battery staple');
  const { code, lines } = await payable('token', 'balance', '--key-file', bad, '--data', join(scratch, 'bad'));
  expect(code).toBe(1);
  expect(lines[0]).toContain('private key');
  expect(lines[0]).not.toContain('horse');
});
