// Reviews: any content round-trips, anything else is refused with an error.

import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { createDigester } from '#lib/core/digester.ts';
import { PayableError } from '#lib/core/errors.ts';
import { buildPagedList, isPaged, parsePage, type PagedList } from './paged-list.ts';
import {
  checkRejected,
  encodeReview,
  MAX_REASON_CHARS,
  parseReview,
  rejectedFormat,
  REVIEW_KIND,
  reviewTypedData,
  type RejectedRow,
  type Review,
} from './review.ts';

const digester = await createDigester();
const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex);

const reviews: fc.Arbitrary<Review> = fc
  .array(
    fc
      .string({ minLength: 1, maxLength: MAX_REASON_CHARS, unit: 'grapheme-ascii' })
      .filter((text) => text.trim() !== ''),
    { minLength: 1, maxLength: 8 },
  )
  .chain((reasons) =>
    fc.record({
      datanet: fc
        .tuple(fc.integer({ min: 1, max: 99999 }), hex(20), fc.integer({ min: 1, max: 9999 }))
        .map(([chain, contract, id]) => `${chain}:${contract}:${id}`),
      contribution: hex(32),
      curator: hex(20),
      reasons: fc.constant(reasons),
      rejected: fc
        .uniqueArray(
          fc.record({
            leaf: hex(32),
            reason: fc.nat({ max: reasons.length - 1 }),
            first: fc.option(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }), { nil: null }),
          }),
          { selector: ({ leaf }) => leaf, maxLength: 30 },
        )
        .map((rows) => rows.sort((a, b) => (a.leaf < b.leaf ? -1 : 1))),
      createdAt: fc.nat(),
      signature: fc.option(hex(65), { nil: null }),
    }),
  );

it('round-trips; a signature does not change the signed data', () => {
  fc.assert(
    fc.property(reviews, (review) => {
      expect(parseReview(encodeReview(review, digester).bytes, 'x')).toEqual(review);
      const { message } = reviewTypedData(review, digester);
      expect(reviewTypedData({ ...review, signature: null }, digester).message).toEqual(message);
      expect(message.rejectedRows).toBe((review.rejected as readonly RejectedRow[]).length);
    }),
    { numRuns: 60 },
  );
});

const sound: Review = {
  datanet: `31337:0x${'cd'.repeat(20)}:7`,
  contribution: `0x${'aa'.repeat(32)}`,
  curator: `0x${'bb'.repeat(20)}`,
  reasons: ['Not about birds.'],
  rejected: [],
  createdAt: 1_700_000_000,
  signature: null,
};
const leafOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;

it('many rejected rows are stored in pages, round-trip in order, and are checked for order', () => {
  const rows = Array.from({ length: 5000 }, (_, at) => ({ leaf: leafOf(at), reason: 0, first: `row-${at}` }));
  const blocks = new Map<string, Uint8Array>();
  const pages = buildPagedList(rows, rejectedFormat, digester);
  let next = pages.next();
  for (; !next.done; next = pages.next()) blocks.set(next.value.cid.toString(), next.value.bytes);
  const rejected: PagedList<RejectedRow> = next.value;
  const read = parseReview(encodeReview({ ...sound, rejected }, digester).bytes, 'x');
  if (!isPaged(read.rejected)) throw new Error('It is not in pages.');
  const back = read.rejected.pages.flatMap((page) =>
    parsePage(blocks.get(page.cid.toString())!, page, rejectedFormat, 'x'),
  );
  expect(back).toEqual(rows);
  checkRejected(back, read, 'x');
  expect(() => checkRejected([...back, back[0]!], read, 'x')).toThrow('not sorted by leaf at [5000]');
  expect(() => checkRejected([{ ...back[0]!, reason: 1 }], read, 'x')).toThrow('reason 1');
  expect(reviewTypedData(read, digester).message.rejectedRows).toBe(5000);
});

const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value);
const plain = {
  ...{ kind: REVIEW_KIND, datanet: sound.datanet, contribution: bytes(32), curator: bytes(20) },
  ...{ reasons: ['Blurry.'], rejected: [], createdAt: 5, signature: null },
};
const row = (leaf: number, more: object = {}) => ({ leaf: bytes(32, leaf), reason: 0, first: null, ...more });

it('the inline form is read', () => {
  expect(parseReview(encode({ ...plain, rejected: [row(1), row(2)] }), 'x').reasons).toEqual(['Blurry.']);
});

it.each([
  ['kind', { kind: 'datanet/version@1' }, 'it is not a datanet/review@1'],
  ['a field too many', { more: 1 }, '"more"'],
  ['datanet', { datanet: 'birds' }, '"datanet"'],
  ['contribution', { contribution: bytes(31) }, '"contribution"'],
  ['curator', { curator: bytes(32) }, '"curator"'],
  ['an empty reason', { reasons: [' '] }, '"reasons'],
  ['a long reason', { reasons: ['x'.repeat(MAX_REASON_CHARS + 1)] }, '"reasons'],
  ['many reasons', { reasons: Array(257).fill('x') }, '"reasons"'],
  ['a leaf twice', { rejected: [row(1), row(1)] }, '"rejected"'],
  ['a reason that is not there', { rejected: [row(1, { reason: 1 })] }, 'reason 1'],
  ['a short leaf', { rejected: [{ ...row(1), leaf: bytes(3) }] }, 'leaf'],
  ['a long id', { rejected: [row(1, { first: 'x'.repeat(5000) })] }, 'first'],
  ['inline rows beyond the limit', { rejected: Array.from({ length: 2001 }, () => row(1)) }, '"rejected"'],
  ['pages for few rows', { rejected: { pages: [] } }, '"rejected"'],
  ['time', { createdAt: -1 }, '"createdAt"'],
  ['signature', { signature: bytes(64) }, '"signature"'],
])('%s: refused with its name', (_, change, said) => {
  expect(() => parseReview(encode({ ...plain, ...change }), 'x')).toThrow(said);
});

it('a block that is too large is not decoded', () => {
  expect(() => parseReview(new Uint8Array((1 << 20) + 1), 'x')).toThrow('at most 1048576');
});

it('reads any bytes as a review, or refuses them with a PayableError', () => {
  const whole = encode({ ...plain, rejected: [row(1), row(2)] });
  const bent = fc.record({ at: fc.nat({ max: whole.length - 1 }), put: fc.uint8Array({ minLength: 1, maxLength: 6 }) });
  const cases = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    bent.map(({ at, put }) => Uint8Array.from([...whole.slice(0, at), ...put, ...whole.slice(at + put.length)])),
    bent.map(({ at }) => whole.slice(0, at)),
    fc.anything().map((value) => {
      try {
        return encode({ ...plain, rejected: value });
      } catch {
        return new Uint8Array();
      }
    }),
  );
  fc.assert(
    fc.property(cases, (some) => {
      try {
        parseReview(some, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(PayableError);
      }
    }),
    { numRuns: 500 },
  );
});
