// Inputs that actions refuse before any request, and the messages.

import { zeroHash, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import {
  requireAmount,
  requireBps,
  requireHash,
  requireId,
  requireShortText,
  requireSmall,
  requireWhole,
} from './input.ts';
import { judge, reasonWord } from './actions/datanets/judge.ts';
import { requireRelease } from './actions/models/model-release.ts';
import { requireTerms } from './actions/models/model-terms.ts';
import { requireProposal } from './actions/settlement/propose-epoch.ts';
import { tagWords } from './actions/datanets/create-datanet.ts';
import type { ChainContext } from './context.ts';

const hash: Hex = `0x${'12'.repeat(32)}`;
const someone = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
/** Fails the test on any use. */
const unreachable = {} as ChainContext;

it.each<[string, () => unknown, string]>([
  ['no hash', () => requireHash('0x1234', 'The root'), 'The root must be 32 bytes'],
  ['digits that are none', () => requireHash(`0x${'zz'.repeat(32)}`, 'The root'), 'must be 32 bytes'],
  ['an empty hash', () => requireHash(zeroHash, 'The root'), 'The root is missing'],
  ['half a row', () => requireSmall(1.5, 24, 'The rows'), 'The rows must be a whole number from 0 to 2^24 - 1'],
  ['too many rows', () => requireSmall(2 ** 24, 24, 'The rows'), '2^24 - 1'],
  ['no rows', () => requireSmall(0, 24, 'The rows', 1), 'from 1'],
  ['a number below zero', () => requireWhole(-1n, 64, 'The epoch'), 'from 0'],
  ['not a number', () => requireWhole(Number.NaN, 64, 'The epoch'), 'whole number'],
  ['the id 0', () => requireId(0n, 'The model'), 'The model must be a whole number from 1'],
  ['more than all', () => requireBps(10_001, 'The share'), 'between 0 and 100 %'],
  ['nothing paid', () => requireAmount(0n), 'more than zero'],
  ['a text that is too long', () => requireShortText('ä'.repeat(16), 'A tag'), '1 to 31 bytes'],
  ['an empty text', () => requireShortText('  ', 'A tag'), '1 to 31 bytes'],
  ['seventeen tags', () => tagWords(Array.from({ length: 17 }, (_, at) => `tag ${at}`)), 'more than 16'],
])('refuses %s', (_what, ask, words) => {
  expect(ask).toThrow(words);
});

it('accepts valid inputs', () => {
  expect(requireWhole(2n ** 40n - 1n, 40, 'x')).toBe(2n ** 40n - 1n);
  expect(requireHash(hash, 'x')).toBe(hash);
  expect(requireShortText(' llama ', 'x')).toBe(`0x${Buffer.from('llama').toString('hex').padEnd(64, '0')}`);
});

describe('a judgement', () => {
  const verdict = { contribution: 1, isAccepted: false };
  it.each([
    [[], 'over 1 to 256'],
    [[verdict], 'rejecting contribution 1 is missing'],
    [[{ ...verdict, reason: ' ' }], 'is missing'],
    [
      [
        { ...verdict, isAccepted: true },
        { ...verdict, isAccepted: true },
      ],
      'names a contribution twice',
    ],
  ])('%j', async (verdicts, words) => {
    await expect(judge(unreachable, { datanet: 1n, verdicts })).rejects.toThrow(words);
  });

  it('keeps short reasons readable and long ones by their hash', () => {
    expect(reasonWord('too short')).toBe(`0x${Buffer.from('too short').toString('hex').padEnd(64, '0')}`);
    expect(reasonWord('x'.repeat(32))).toMatch(/^0x[0-9a-f]{64}$/);
    expect(reasonWord('')).toBe(zeroHash);
  });
});

it('refuses terms that do not sum to 100 %, and names the sum', () => {
  const terms = { payout: someone, devBps: 5000, dataBps: 4000, nodeBps: 999 };
  expect(() => requireTerms(terms)).toThrow('add up to 99.99 %');
  expect(() => requireTerms({ ...terms, payout: 'me' })).toThrow('not an address');
  expect(requireTerms({ ...terms, nodeBps: 1000 })).toMatchObject({ effectiveAt: 0 });
});

it('refuses cited Datanets that do not ascend', () => {
  const ref = (datanet: bigint, weight = 1) => ({ datanet, version: 1, weight });
  const release = { adapter: hash, manifest: hash, rank: 1, sizeKiB: 1, quant: 0, parent: null };
  expect(() => requireRelease({ ...release, refs: [ref(2n), ref(1n)] })).toThrow('must ascend');
  expect(() => requireRelease({ ...release, refs: [ref(1n), ref(1n)] })).toThrow('each once');
  expect(() => requireRelease({ ...release, refs: [ref(1n, 0)] })).toThrow('no weight');
});

it('refuses a proposal whose totals contradict each other', () => {
  const fields = { previousRoot: zeroHash, accountsRoot: hash, entriesRoot: hash, callsRoot: hash, dataHash: hash };
  const counts = { previousAccounts: 0, accounts: 1, entries: 1, calls: 1 };
  const proposal = { ...fields, ...counts, from: 5n, to: 6n, previousTotal: 1n, total: 3n, paid: 2n, pools: 2n };
  expect(requireProposal(proposal)).toBe(proposal);
  expect(() => requireProposal({ ...proposal, total: 4n })).toThrow('is not what was final plus what is paid');
  expect(() => requireProposal({ ...proposal, pools: 1n })).toThrow('pays more than its pools hold');
  expect(() => requireProposal({ ...proposal, to: 4n })).toThrow('ends before it begins');
  expect(() => requireProposal({ ...proposal, dataHash: zeroHash })).toThrow('is missing');
});
