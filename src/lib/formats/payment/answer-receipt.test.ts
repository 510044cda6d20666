// A receipt has one form: what is encoded is decoded to the same values, and other bytes for the same values are refused.

import { decode, encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytes, uint } from '#tests/support/random-values.ts';
import type { Hex } from '#lib/core/bytes.ts';
import {
  encodeAnswerReceipt,
  MOST_RECEIPT_BYTES,
  parseAnswerReceipt,
  type AnswerReceipt,
  type ReceiptPart,
} from './answer-receipt.ts';
import type { CallEntry } from './call-rule.ts';

const entry: fc.Arbitrary<CallEntry> = fc.record({
  account: bytes(20),
  row: fc.nat(2 ** 24 - 1),
  cluster: fc.nat(2 ** 32 - 1),
  weight: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
});
const entries = fc
  .uniqueArray(entry, { maxLength: 64, selector: ({ cluster }) => cluster })
  .map((list) => list.sort((a, b) => a.cluster - b.cluster));
const terms = fc.tuple(fc.nat(10_000), fc.nat(10_000), fc.nat(10_000), fc.nat(8_000)).map(([feeBps, a, b, rhoBps]) => {
  const [low, high] = a < b ? [a, b] : [b, a];
  return { feeBps, devBps: low, dataBps: high - low, nodeBps: 10_000 - high, rhoBps };
});
const ids = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const part: fc.Arbitrary<ReceiptPart> = fc
  .record({
    ...{ modelId: ids, version: ids, adapter: bytes(32), weightBps: fc.constant(1) },
    ...{ artefact: bytes(32).filter((hash) => BigInt(hash) > 0n), query: bytes(32), attribution: bytes(32), terms },
    ...{
      costWei: uint(96),
      vector: fc.option(fc.uint8Array({ minLength: 258, maxLength: 258 }), { nil: null }),
      entries,
    },
  })
  .map((made) => (made.vector === null ? { ...made, entries: [] } : made));
const parts = fc
  .uniqueArray(part, { minLength: 1, maxLength: 8, selector: ({ modelId }) => modelId })
  .map((list) =>
    list
      .sort((a, b) => a.modelId - b.modelId)
      .map((one, at) => ({ ...one, weightBps: at === 0 ? 10_001 - list.length : 1 })),
  );
/** A signature in its one accepted form. */
const signature = fc.tuple(bytes(32), bytes(32)).map(([r, s]): Hex => `0x${r.slice(2)}3f${s.slice(4)}1b`);
const receipts: fc.Arbitrary<AnswerReceipt> = fc
  .record({
    chain: fc.option(
      fc.record({ chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), settlement: bytes(20) }),
      { nil: null },
    ),
    ...{ payer: bytes(20), node: bytes(20), base: bytes(32), engine: bytes(32), input: bytes(32), output: bytes(32) },
    ...{ inputTokens: fc.nat(2 ** 32 - 1), outputTokens: fc.nat(2 ** 32 - 1), time: fc.nat(253_402_300_799) },
    ...{ liftMillinats: fc.integer({ min: -1e9, max: 1e9 }), costWei: uint(96), parts },
    signature: fc.option(signature, { nil: null }),
  })
  .map((made) =>
    made.chain !== null
      ? made
      : {
          ...made,
          costWei: 0n,
          parts: made.parts.slice(0, 1).map((one) => ({ ...one, modelId: 0, version: 0, weightBps: 10_000 })),
        },
  );

it('a receipt is decoded to what was encoded, in one form', () => {
  fc.assert(
    fc.property(receipts, (receipt) => {
      const block = encodeAnswerReceipt(receipt);
      expect(block.length).toBeLessThanOrEqual(MOST_RECEIPT_BYTES);
      expect(parseAnswerReceipt(block, 'it')).toEqual(receipt);
      expect(encodeAnswerReceipt(parseAnswerReceipt(block, 'it'))).toEqual(block);
    }),
    { numRuns: 60 },
  );
});

const [sample] = fc.sample(
  receipts.filter(({ chain, parts: list }) => chain !== null && list.length === 2),
  { numRuns: 1, seed: 3 },
);
const fieldsOfSample = decode<Record<string, unknown>>(encodeAnswerReceipt(sample!));
const [first, second] = fieldsOfSample['parts'] as Record<string, unknown>[];

it.each<[string, object, RegExp]>([
  ['another kind', { kind: 'payable/answer-receipt@2' }, /field "kind" is not payable/],
  ['a field more', { note: 1 }, /field "note", which is not known/],
  ['no time', { time: null }, /field "time" is not a whole number/],
  ['a time in fractions', { time: 1.5 }, /field "time"/],
  ['a large chain', { chain: { id: 2n ** 60n, settlement: new Uint8Array(20) } }, /field "chain.id"/],
  ['a cost without a chain', { chain: null }, /field "parts\[0\]\.model"/],
  ['no parts', { parts: [] }, /field "parts" is empty/],
  ['nine parts', { parts: Array(9).fill(first) }, /at most 8/],
  ['parts in another order', { parts: [second, first] }, /parts\[1\]" is not in order/],
  [
    'a part twice',
    {
      parts: [
        { ...first, weight: 5_000 },
        { ...first, weight: 5_000 },
      ],
    },
    /parts\[1\]" is not in order/,
  ],
  ['weights that make no whole', { parts: [first] }, /weights that add up/],
  [
    'shares that make no whole',
    { parts: [{ ...first, terms: { fee: 0, dev: 1, data: 2, node: 3, rho: 0 } }, second] },
    /add up to 10000/,
  ],
  [
    'a rho above its bound',
    { parts: [{ ...first, terms: { fee: 0, dev: 10_000, data: 0, node: 0, rho: 8_001 } }, second] },
    /terms\.rho/,
  ],
  [
    'a short vector',
    { parts: [{ ...first, vector: new Uint8Array(257) }, second] },
    /parts\[0\]\.vector" does not have 258/,
  ],
  [
    'entries without a vector',
    { parts: [{ ...first, vector: null, entries: [new Uint8Array(32).fill(1)] }, second] },
    /follow from no vector/,
  ],
  [
    'a vector without a file',
    { parts: [{ ...first, artefact: new Uint8Array(32), vector: new Uint8Array(258) }, second] },
    /no file of influence/,
  ],
  [
    'an entry without weight',
    { parts: [{ ...first, vector: new Uint8Array(258), entries: [new Uint8Array(32)] }, second] },
    /has no weight/,
  ],
  [
    'an entry that is none',
    { parts: [{ ...first, vector: new Uint8Array(258), entries: [7] }, second] },
    /does not have 32 bytes/,
  ],
  ['a signature in the other form', { signature: new Uint8Array(65).fill(0xff) }, /one way that is accepted/],
])('a receipt with %s is refused by name', (_what, change, words) => {
  expect(() => parseAnswerReceipt(encode({ ...fieldsOfSample, ...change }), 'it')).toThrow(words);
});

it('other bytes for the same values are refused', () => {
  const block = encodeAnswerReceipt(sample!);
  // A map of 15 fields, its length written in two bytes.
  expect(block[0]).toBe(0xaf);
  expect(() => parseAnswerReceipt(Uint8Array.of(0xb8, 15, ...block.subarray(1)), 'it')).toThrow('not valid dag-cbor');
});
