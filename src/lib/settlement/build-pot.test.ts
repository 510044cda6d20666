// The builder follows the rule to the wei, takes no input that is not the pot's, and is stopped by none. That the contracts follow the same
// rule is tested in tests/chain.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hex } from '#lib/core/bytes.ts';
import { callPool } from '#lib/formats/payment/call-rule.ts';
import { readPayout } from '#lib/formats/payment/payout-list.ts';
import { lineTerms, packRecordTerms, readRecordTerms, ZERO_WORD } from '#lib/formats/payment/pot.ts';
import { bookLines, createPotWorld, factsOf, LEDGER, randomRedemptions } from '#tests/support/pot-world.ts';
import { buildPot, listPayouts, partsOfCall, type PublishedLine, type PublishedRedemption } from './build-pot.ts';
import { ReceiptsDifferError } from './errors.ts';

const world = createPotWorld(1, { rows: 90, holders: 6, clusters: 70, orphanEvery: 11 });
const shape = [[5, 3], [8], [1, 1, 4]];
const redemptions = randomRedemptions(world, shape);
const pot = buildPot(redemptions, factsOf(redemptions), world.known);

describe('a pot', () => {
  it('pays each call to the wei, except what rounding leaves of every entry', () => {
    let given = 0n;
    for (const { record, poolWei, lines } of pot.redemptions) {
      for (const call of lines.flatMap(({ built }) => built)) {
        const pool = callPool(call.costWei, poolWei, record.gross);
        const parts = [...partsOfCall(call, poolWei, record.gross).values()].reduce((sum, wei) => sum + wei, 0n);
        const dust = pool - parts;
        if (call.vector === null) expect(parts).toBe(0n);
        else expect(dust >= 0n && dust < BigInt(call.entries.length)).toBe(true);
        given += parts;
      }
    }
    expect([...pot.amounts.values()].reduce((sum, wei) => sum + wei, 0n)).toBe(given);
    expect(given <= pot.poolWei).toBe(true);
    expect(pot.totalWei).toBe(pot.list.reduce((sum, word) => sum + readPayout(word).amountWei, 0n));
  });

  it('has at most 64 entries a call, one a cluster, ascending, of rows with an origin only', () => {
    const lists = pot.redemptions.flatMap(({ lines }) =>
      lines.flatMap(({ built }) => built.map(({ entries }) => entries)),
    );
    expect(Math.max(...lists.map((entries) => entries.length))).toBeGreaterThan(20);
    for (const entries of lists) {
      expect(entries.length).toBeLessThanOrEqual(64);
      const clusters = entries.map(({ cluster }) => cluster);
      expect(clusters).toEqual([...new Set(clusters)].sort((a, b) => a - b));
      expect(entries.every(({ row }) => world.known.counts[row])).toBe(true);
    }
    expect(world.known.counts).toContain(false);
  });

  it('depends neither on the order of equal vectors nor on the writing of hexadecimal digits', () => {
    const upper = redemptions.map(({ record, lines }) => ({
      record,
      lines: lines.map((line): PublishedLine => ({
        ...line,
        receipts: `0x${line.receipts.slice(2).toUpperCase()}`,
      })),
    }));
    expect(buildPot(upper, factsOf(redemptions), world.known).list).toEqual(pot.list);
  });

  it('pays 10,000 entries in under a second', () => {
    const large = createPotWorld(2, { rows: 1000, holders: 40, clusters: 900 });
    const calls = Array.from({ length: 157 }, () => large.call());
    const paid = [bookLines([large.line(calls)], 1)];
    const facts = factsOf(paid);
    const began = performance.now();
    const built = buildPot(paid, facts, large.known);
    const took = performance.now() - began;
    const entries = built.redemptions[0]!.lines[0]!.built.reduce((sum, call) => sum + call.entries.length, 0);
    expect(entries).toBeGreaterThanOrEqual(10_000);
    // About 0.1 s on an idle machine; the bound is for a busy one.
    expect(took).toBeLessThan(1000);
  });
});

describe('the list', () => {
  const amounts = (entries: [Hex, bigint][]) => new Map(entries);
  const account = (last: string): Hex => `0x${last.padStart(40, '0')}`;

  it('ascends and leaves out zero, the ledger, and what is below a 1,024th', () => {
    const list = listPayouts(
      amounts([
        [account('b'), 1n],
        [account('a'), 2n],
        [account('0'), 500n],
        [LEDGER, 500n],
        [account('c'), 0n],
      ]),
      2048n,
      LEDGER,
    );
    expect(list.map(readPayout)).toEqual([{ account: account('a'), amountWei: 2n }]);
  });

  it('has an account with exactly a 1,024th, rounded up', () => {
    const at = (poolWei: bigint) => listPayouts(amounts([[account('a'), 1n]]), poolWei, LEDGER).length;
    expect([at(1024n), at(1025n), at(1n)]).toEqual([1, 0, 1]);
  });
});

describe('hostile receipts are refused by name', () => {
  const [first] = redemptions;
  const changed = (change: (line: PublishedLine) => Partial<PublishedLine>): PublishedRedemption[] => [
    { record: first!.record, lines: first!.lines.map((line, at) => (at === 0 ? { ...line, ...change(line) } : line)) },
    ...redemptions.slice(1),
  ];
  const withCall = (change: object) =>
    changed(({ published: [call, ...more] }) => ({ published: [{ ...call!, ...change }, ...more] }));
  it.each([
    ['a call less', changed(({ published }) => ({ published: published.slice(1) })), /do not make the root/],
    [
      'a call more than was paid',
      changed(({ published }) => ({ published: [...published, ...published] })),
      /do not fit/,
    ],
    ['another cost', withCall({ costWei: 1n }), /do not make the root/],
    ['a cost below zero', withCall({ costWei: -1n }), /cannot be hashed/],
    ['a cost beyond 128 bits', withCall({ costWei: 1n << 130n }), /cannot be hashed/],
    ['a receipt that is no hash', withCall({ receipt: '0xzz' }), /cannot be hashed/],
    ['a vector hash that is none', withCall({ vectorHash: 'flat' }), /cannot be hashed/],
    ['a vector without its hash', withCall({ vector: new Uint8Array(258) }), /does not have the hash/],
    ['no vector where one was signed', withCall({ vector: null }), /does not have the hash/],
    ['a vector that is too long', withCall({ vector: new Uint8Array(9) }), /does not have the hash/],
    ['another amount', changed(() => ({ amountWei: 1n })), /not those that were booked/],
    ['an amount below zero', changed(() => ({ amountWei: -1n })), /cannot be hashed/],
    ['another number of calls', changed(() => ({ calls: 6 })), /not those that were booked/],
    ['a redemption less', redemptions.slice(1), /not those that were sealed/],
    ['redemptions in another order', [...redemptions].reverse(), /not those that were sealed/],
  ])('%s', (_what, published, words) => {
    expect(() => buildPot(published, factsOf(redemptions), world.known)).toThrow(ReceiptsDifferError);
    expect(() => buildPot(published, factsOf(redemptions), world.known)).toThrow(words);
  });

  it('a record that was changed', () => {
    const record = { ...first!.record, gross: first!.record.gross + 1n };
    const published = [{ ...first!, record }, ...redemptions.slice(1)];
    expect(() => buildPot(published, factsOf(redemptions), world.known)).toThrow(/not those that were sealed/);
  });
});

describe('no paid call stops the builder', () => {
  it('equal receipts in two lines, free calls, a line without calls, one with places behind its receipts', () => {
    const line = world.line([world.call(), world.call(0n)]);
    const none: PublishedLine = { receipts: `0x${'77'.repeat(32)}`, amountWei: 9n, calls: 0, published: [] };
    const odd = [bookLines([line, line, none], 5), bookLines([line], 6)];
    const built = buildPot(odd, factsOf(odd), world.known);
    expect(built.redemptions.map(({ lines }) => lines.map((one) => one.built.length))).toEqual([[2, 2, 0], [2]]);
    expect(lineTerms(none)).toBe(9n << 32n);
  });

  it('a pot of no redemption pays nothing', () => {
    expect(buildPot([], { word: ZERO_WORD, ledger: LEDGER }, world.known)).toMatchObject({ list: [], totalWei: 0n });
  });

  it('entries do not depend on how little is paid for them', () => {
    const large = createPotWorld(3, { rows: 600, holders: 3, clusters: 600 });
    const dust = [bookLines([large.line([large.call(1n), large.call(1n)])], 1)];
    const built = buildPot(dust, factsOf(dust), large.known);
    expect(built.redemptions[0]!.lines[0]!.built.map(({ entries }) => entries.length)).toEqual([64, 64]);
  });
});

it('terms of a record read back as they were packed', () => {
  const uint = (bits: number) => fc.bigInt(0n, (1n << BigInt(bits)) - 1n);
  fc.assert(
    fc.property(fc.nat(2 ** 24 - 1), fc.nat(2 ** 31), uint(96), uint(96), (lines, time, keepWei, poolWei) => {
      const terms = { lines, time, keepWei, poolWei };
      expect(readRecordTerms(packRecordTerms(terms))).toEqual(terms);
    }),
  );
});
