import fc from 'fast-check';
import { getAddress, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { BadVoucherTextError } from './text-fields.ts';
import { encodeVoucherText, parseVoucherText } from './voucher-text.ts';
import type { SignedVoucher } from './voucher.ts';

const word = (digit: string): Hex => `0x${digit.repeat(64)}`;
const VOUCHER: SignedVoucher = {
  payer: getAddress(`0x${'a1'.repeat(20)}`),
  node: getAddress(`0x${'b2'.repeat(20)}`),
  baseWei: 5n,
  lines: [
    { modelId: 1, version: 2, amountWei: 10n ** 18n, calls: 3, receipts: word('a') },
    { modelId: 4_294_967_295, version: 1, amountWei: 1n, calls: 1, receipts: word('b') },
  ],
  r: word('c'),
  vs: word('d'),
};
const LINE = { modelId: 1, version: 1, amountWei: '1', calls: 1, receipts: word('a') };

describe('a voucher as text', () => {
  it('round-trips', () => {
    expect(parseVoucherText(encodeVoucherText(VOUCHER))).toEqual(VOUCHER);
    expect(parseVoucherText(`\n ${encodeVoucherText(VOUCHER)} \n`)).toEqual(VOUCHER);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another kind', { kind: 'payable/voucher@1' }, 'its kind is not'],
    ['no payer', { payer: '0x12' }, 'payer is not an address'],
    ['a number for wei', { baseWei: 5 }, 'baseWei is not an amount'],
    ['a negative amount', { baseWei: '-5' }, 'baseWei is not an amount'],
    ['too many digits', { baseWei: '1'.repeat(30) }, 'baseWei is not an amount'],
    ['no lines', { lines: [] }, '1 to 64 lines'],
    ['too many lines', { lines: Array(65).fill(LINE) }, '1 to 64 lines'],
    ['a line that is none', { lines: [null] }, 'line 0 is not an object'],
    ['a wild model', { lines: [{ ...LINE, modelId: 2 ** 32 }] }, 'modelId of line 0'],
    ['half a call', { lines: [{ ...LINE, calls: 0.5 }] }, 'calls of line 0'],
    ['a short signature', { r: '0x12' }, 'r is not 32 bytes'],
    ['a version that is none', { lines: [{ ...LINE, version: '1' }] }, 'version of line 0'],
    ['no receipts', { lines: [{ ...LINE, receipts: null }] }, 'receipts of line 0 is not 32 bytes'],
  ])('with %s is refused by name', (_what, change, words) => {
    const text = JSON.stringify({ ...(JSON.parse(encodeVoucherText(VOUCHER)) as object), ...change });
    expect(() => parseVoucherText(text)).toThrow(words);
  });

  it('that is no JSON, or far too long, is refused', () => {
    expect(() => parseVoucherText(encodeVoucherText(VOUCHER).slice(0, -4))).toThrow('cut short');
    expect(() => parseVoucherText(' '.repeat(40_000))).toThrow('longer than');
    expect(() => parseVoucherText('[1]')).toThrow('it is not an object');
  });

  it('of any text gives a voucher or an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(() => parseVoucherText(text)).toThrow(BadVoucherTextError);
      }),
    );
  });
});
