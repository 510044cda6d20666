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
import { commitInfluence } from './actions/models/commit-influence.ts';
import { requireInvocation } from './actions/settlement/invoke.ts';
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
  ['a number below zero', () => requireWhole(-1n, 64, 'The season'), 'from 0'],
  ['not a number', () => requireWhole(Number.NaN, 64, 'The season'), 'whole number'],
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

describe('committed influence', () => {
  const measured = {
    model: 7n,
    version: 1,
    artefact: hash,
    influenceRoot: hash,
    rows: 10,
    threshold: 5n,
    rhoBps: 8000,
  };
  it.each<[string, object, string]>([
    ['without rows', { rows: 0 }, 'number of rows'],
    ['of more rows than a tree may have', { rows: 2 ** 20 + 1 }, 'is more than 1048576'],
    ['that decides more than four fifths', { rhoBps: 8001 }, 'is more than 80 %'],
    ['with a threshold below zero', { threshold: -1n }, 'The threshold'],
    ['with a threshold that does not fit', { threshold: 2n ** 40n }, 'The threshold'],
    ['without a root', { influenceRoot: zeroHash }, 'is missing'],
    ['of version 0', { version: 0 }, 'The version'],
  ])('%s is refused', async (_what, change, words) => {
    await expect(commitInfluence(unreachable, { ...measured, ...change })).rejects.toThrow(words);
  });
});

it('refuses a call of a model or version that no contract can name', () => {
  const call = { model: 7n, version: 1, node: someone, amountWei: 1n, callHash: hash };
  expect(requireInvocation(call)).toEqual({ ...call, model: 7 });
  expect(() => requireInvocation({ ...call, model: 2n ** 32n })).toThrow('The model');
  expect(() => requireInvocation({ ...call, version: 0 })).toThrow('The version');
});
