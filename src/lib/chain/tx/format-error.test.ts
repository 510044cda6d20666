// Every error of our contracts has a text, every text uses existing arguments, and unknown errors are shown as hex.

import { readdirSync } from 'node:fs';
import { encodeErrorResult, parseAbi, parseEther, toFunctionSelector, type Abi, type AbiFunction } from 'viem';
import { describe, expect, it } from 'vitest';
import { ERROR_TEXTS, WRITERS, wordsOfRevert } from './format-error.ts';

const folder = new URL('../abi/', import.meta.url);
const modules = await Promise.all(
  readdirSync(folder).map(
    (name) => import(/* @vite-ignore */ new URL(name, folder).href) as Promise<Record<string, Abi>>,
  ),
);
const errors = modules.flatMap((module) => Object.values(module).flat()).filter(({ type }) => type === 'error');
const selectorOf = (item: unknown) => toFunctionSelector({ ...(item as AbiFunction), type: 'function' });
const worded = new Map(Object.keys(ERROR_TEXTS).map((declaration) => [toFunctionSelector(declaration), declaration]));

it('has a text for every error of every contract', () => {
  expect(errors.length).toBeGreaterThan(150);
  const wordless = errors.filter((item) => !worded.has(selectorOf(item)));
  expect(wordless.map((item) => ('name' in item ? item.name : '?'))).toEqual([]);
});

it('has no texts for errors that no contract declares', () => {
  const known = new Set(errors.map(selectorOf));
  expect([...worded].filter(([selector]) => !known.has(selector)).map(([, declaration]) => declaration)).toEqual([]);
});

it.each(Object.entries(ERROR_TEXTS))('%s', (declaration, text) => {
  const [item] = parseAbi([`error ${declaration}`] as readonly string[]);
  const inputs = (item as AbiFunction).inputs;
  for (const [, name, as] of text.matchAll(/\{(\w+)(?::(\w+))?\}/g)) {
    expect(inputs.map((input) => input.name)).toContain(name);
    if (as !== undefined) expect(WRITERS).toHaveProperty(as);
  }
  const sample: Record<string, unknown> = { address: `0x${'ab'.repeat(20)}`, string: 'text' };
  const args = inputs.map(({ type }) => {
    if (type in sample) return sample[type];
    if (type.startsWith('bytes')) return `0x${'11'.repeat(Number(type.slice(5)))}`;
    return Number(/\d+/.exec(type)?.[0] ?? 256) > 48 ? 3n : 3;
  });
  const data = encodeErrorResult({ abi: [item!] as Abi, errorName: (item as AbiFunction).name, args });
  const words = wordsOfRevert(data);
  expect(words.name).toBe((item as AbiFunction).name);
  expect(words.message).toMatch(/^[^{}]+[.]$/);
  expect(words.message).not.toContain('undefined');
});

describe('amounts, times and the unknown', () => {
  const encode = (declaration: string, ...args: unknown[]) => {
    const abi = parseAbi([`error ${declaration}`] as readonly string[]);
    return encodeErrorResult({ abi, args });
  };
  const someone = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

  it('shows amounts exactly', () => {
    const data = encode(
      'ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
      someone,
      parseEther('1234567.5'),
      parseEther('2000000') + 1n,
    );
    expect(wordsOfRevert(data).message).toBe(
      `${someone} has 1,234,567.5 OPEN; 2,000,000.000000000000000001 OPEN are needed.`,
    );
  });
  it('shows times, and the largest time', () => {
    expect(wordsOfRevert(encode('TooEarly(uint256 exitAt)', 1_767_225_600n)).message).toContain(
      '2026-01-01 00:00:00 UTC',
    );
    expect(wordsOfRevert(encode('NotClosable(uint64 closeAt)', 2n ** 64n - 1n)).message).toContain(
      'no time that will come',
    );
  });
  it('shows an unknown selector raw', () => {
    expect(wordsOfRevert('0xdeadbeef00')).toEqual({
      name: '0xdeadbeef',
      message: 'The contract refused with an error unknown here: 0xdeadbeef00',
    });
  });
  it('survives damaged data of a known error', () => {
    expect(wordsOfRevert(encode('TooEarly(uint256 exitAt)', 5n).slice(0, 30) as `0x${string}`).message).toContain(
      'unknown',
    );
  });
  it('shows plain reasons and panics', () => {
    expect(wordsOfRevert(encode('Error(string reason)', 'no luck')).message).toBe('The contract refused: no luck');
    expect(wordsOfRevert(encode('Panic(uint256 code)', 17n)).message).toContain('too large');
    expect(wordsOfRevert('0x').message).toContain('no reason');
  });
});
