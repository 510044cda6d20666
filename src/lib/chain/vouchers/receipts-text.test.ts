// Receipts as text, the lines that pay them, and a node's check of a voucher against what it showed.

import fc from 'fast-check';
import { zeroHash, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { buildReceipts } from '#lib/formats/payment/receipts.ts';
import {
  encodeReceiptsText,
  linesOf,
  OtherReceiptsError,
  parseReceiptsText,
  requireOwnReceipts,
  type ShownCalls,
} from './receipts-text.ts';
import { BadVoucherTextError } from './text-fields.ts';

const word = (digit: string): Hex => `0x${digit.repeat(64)}`;
const CALLS = [
  { receipt: word('a'), vectorHash: zeroHash, costWei: 3n },
  { receipt: word('b'), vectorHash: word('c'), costWei: 10n ** 18n },
];
const SHOWN: ShownCalls[] = [
  { modelId: 1, version: 2, calls: CALLS },
  { modelId: 4, version: 1, calls: [{ receipt: word('d'), vectorHash: zeroHash, costWei: 1n }] },
];

describe('receipts as text', () => {
  it('round-trip', () => {
    expect(parseReceiptsText(encodeReceiptsText(SHOWN))).toEqual(SHOWN);
  });

  it('give lines with the number, the sum and the root of the calls', () => {
    const [first, second] = linesOf(SHOWN);
    const { root } = buildReceipts(CALLS);
    expect(first).toEqual({ modelId: 1, version: 2, amountWei: 10n ** 18n + 3n, calls: 2, receipts: root });
    expect(second).toMatchObject({ modelId: 4, calls: 1, amountWei: 1n });
    expect([first!.receipts, second!.receipts]).not.toContain(zeroHash);
  });

  const call = { receipt: word('a'), vectorHash: zeroHash, costWei: '1' };
  const line = { modelId: 1, version: 1, calls: [call] };
  it.each<[string, Record<string, unknown>, string]>([
    ['another kind', { kind: 'payable/voucher@2' }, 'its kind is not'],
    ['no lines', { lines: [] }, '1 to 64 lines'],
    ['a line that is none', { lines: [7] }, 'line 0 is not an object'],
    ['no calls', { lines: [{ ...line, calls: [] }] }, '1 to 65536 calls of line 0'],
    ['no version', { lines: [{ ...line, version: undefined }] }, 'version of line 0'],
    ['a call that is none', { lines: [{ ...line, calls: [null] }] }, 'call 0 of line 0 is not an object'],
    ['a receipt of zeros', { lines: [{ ...line, calls: [{ ...call, receipt: zeroHash }] }] }, 'receipt of call 0'],
    ['a cost below zero', { lines: [{ ...line, calls: [{ ...call, costWei: '-1' }] }] }, 'costWei of call 0'],
    ['a short vector hash', { lines: [{ ...line, calls: [{ ...call, vectorHash: '0x1' }] }] }, 'vectorHash of call 0'],
    ['a call twice', { lines: [{ ...line, calls: [call, call] }] }, 'lists a call twice'],
    ['a call in two lines of a version', { lines: [line, line] }, 'lists a call twice'],
  ])('with %s are refused by name', (_what, change, words) => {
    const text = JSON.stringify({ ...(JSON.parse(encodeReceiptsText(SHOWN)) as object), ...change });
    expect(() => parseReceiptsText(text)).toThrow(words);
  });

  it('list the answer of a blend under each of its model versions', () => {
    const [first] = SHOWN;
    const blend = [first!, { ...first!, modelId: first!.modelId + 1 }];
    expect(parseReceiptsText(encodeReceiptsText(blend))).toEqual(blend);
  });

  it('of any text give calls or an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(() => parseReceiptsText(text)).toThrow(BadVoucherTextError);
      }),
    );
  });
});

describe('a node redeems', () => {
  const lines = linesOf(SHOWN);
  it('a voucher that pays exactly the receipts it showed', () => {
    requireOwnReceipts({ lines }, SHOWN);
  });

  const [first, second] = [lines[0]!, lines[1]!];
  it.each([
    ['with a root that it cannot open', [{ ...first, receipts: word('e') }, second]],
    ['with another amount', [{ ...first, amountWei: first.amountWei + 1n }, second]],
    ['with another number of calls', [{ ...first, calls: 3 }, second]],
    ['for another version', [{ ...first, version: 1 }, second]],
    ['for another model', [{ ...first, modelId: 9 }, second]],
    ['with a line less', [first]],
    ['in another order', [second, first]],
  ])('no voucher %s', (_what, other) => {
    expect(() => requireOwnReceipts({ lines: other }, SHOWN)).toThrow(OtherReceiptsError);
  });
});
