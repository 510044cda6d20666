// `payable model` over a sandbox in a folder: what is registered is listed and shown, its owner changes price, terms and versions, and
// what is wrong is one line.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEther, type Hex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addBase } from '#lib/chain/actions/datanets/add-base.ts';
import { registerModel } from '#lib/chain/actions/models/register-model.ts';
import { invoke } from '#lib/chain/actions/settlement/invoke.ts';
import { runToEnd } from '#tests/support/chain-context.ts';
import { openChain } from './chain/open-chain.ts';
import { run } from './run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'payable-model-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const data = join(scratch, 'sandbox');
const keyFile = join(scratch, 'key');
/** Holds OPEN in the sandbox; its key is public. */
const maker = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 6 });
const word = (pair: string): Hex => `0x${pair.repeat(32)}`;

async function payable(...args: string[]) {
  let out = '';
  const lines: string[] = [];
  const output = { write: (text: string) => void (out += text), fail: (line: string) => void lines.push(line) };
  const code = await run(['model', ...args, '--data', data], output, new AbortController().signal);
  return { code, out, lines };
}
const owner = (...args: string[]) => payable(...args, '--key-file', keyFile);
const json = async (result: ReturnType<typeof payable>) => {
  const { code, out, lines } = await result;
  expect([code, lines]).toEqual([0, []]);
  return JSON.parse(out) as Record<string, unknown>;
};

beforeAll(async () => {
  writeFileSync(keyFile, `0x${Buffer.from(maker.getHdKey().privateKey!).toString('hex')}\n`);
  const none = await payable('list');
  expect(none.out).toBe('No model is registered on this chain.\n');
  const coins: string[] = [];
  const output = { write: (text: string) => void coins.push(text), fail: (text: string) => void coins.push(text) };
  const faucet = ['chain', 'faucet', '--data', data, '--key-file', keyFile];
  expect(await run(faucet, output, new AbortController().signal)).toBe(0);
  const { context, host, close } = await openChain({ data, 'key-file': keyFile });
  const terms = { payout: maker.address, devBps: 8000, dataBps: 0, nodeBps: 2000 };
  const first = { adapter: word('01'), manifest: word('02'), rank: 8, sizeKiB: 9, quant: 0, parent: null, refs: [] };
  const prices = { perCallWei: parseEther('0.5'), per1kTokensWei: 0n };
  const call = { model: 1n, version: 1, node: maker.address, amountWei: parseEther('10'), callHash: word('03') };
  for (const plan of [
    () => addBase(context, { family: 'llama', architecture: word('04'), licence: 11 }),
    () => registerModel(context, { base: 1, licence: 11, terms, first, ...prices }),
    () => invoke(context, call),
  ]) {
    for (const { state } of await runToEnd(context, await plan(), host)) expect(state.status).toBe('safe');
  }
  close();
});

test('lists and shows what is registered', async () => {
  expect((await payable('list')).out).toMatch(
    /^1 on llama, 1 version, Apache-2.0, owned by 0x976E\w+: 0.5 OPEN a call and 0 OPEN per 1,000 tokens; 1 call paid 10 OPEN\n$/,
  );
  const shown = await json(payable('show', '1', '--json'));
  expect(shown).toMatchObject({
    ...{ id: '1', licence: 'Apache-2.0', announced: null, terms: { devBps: 8000 } },
    versions: [{ version: 1, adapter: word('01'), rank: 8, sizeKiB: 9, isDeprecated: false }],
    income: { calls: '1', grossWei: String(parseEther('10')) },
  });
});

test('the owner sets the price, announces terms and deprecates a version', async () => {
  expect((await owner('price', '1', '0.25', '0.05')).out).toContain('a call of model 1 costs 0.25 OPEN');
  expect((await owner('terms', '1', '--developer', '60', '--contributors', '20.5', '--node', '19.5')).out).toContain(
    '20.5 %',
  );
  const unsure = await owner('deprecate', '1', '1');
  expect([unsure.code, unsure.lines[0]]).toEqual([1, expect.stringContaining('deprecated for ever')]);
  expect((await owner('deprecate', '1', '1', '--yes')).out).toContain('no longer to be used');
  const { out } = await payable('show', '1');
  expect(out).toContain('0.25 OPEN a call and 0.05 OPEN per 1,000 tokens');
  expect(out).toMatch(/announced terms, from .* UTC: 60 % to 0x976E\w+, 20.5 % to contributors/);
  expect(out).toContain('v1, deprecated: files 0x0101');
});

test.each([
  [['show', '9'], 'There is no model 9'],
  [['show', '-1'], 'Unknown option'],
  [['show', '01'], 'The model is "01"'],
  [['show'], 'The model is missing'],
  [['price', '1', '1'], 'The price of 1,000 tokens is missing'],
  [['price', '1', '1,5', '0'], '"1,5" is not an amount'],
  [['terms', '1', '--developer', '60'], 'Option --contributors is missing'],
  [['terms', '1', '--developer', '60', '--contributors', '20', '--node', '30'], 'add up to 110 %'],
  [
    ['terms', '1', '--developer', 'x', '--contributors', '20', '--node', '30'],
    'Option --developer must be a percentage',
  ],
  [['deprecate', '1', '1', '--yes'], 'Model 1 version 1 is deprecated already'],
  [['burn', '1'], 'There is no model "burn"'],
])('%j is refused in one line', async (args, words) => {
  const { code, lines } = await owner(...args);
  expect([code, lines.length]).toEqual([1, 1]);
  expect(lines[0]).toContain(words);
});
