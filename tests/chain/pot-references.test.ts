// What TypeScript computes about rows, pots, lists and calls equals what the contracts compute, over random input. The contracts' own
// libraries run on the embedded chain.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizedBytes, toHex, type Hex } from '#lib/core/bytes.ts';
import { encodeCallVector, dotProduct, vectorBytes } from '#lib/formats/payment/call-vector.ts';
import {
  callPool,
  entryParts,
  isOmitted,
  listEntries,
  packEntry,
  readEntry,
  rowWeight,
  type CallEntry,
} from '#lib/formats/payment/call-rule.ts';
import { buildShares, rowNode } from '#lib/formats/payment/holders.ts';
import { commitInfluenceRows, influenceLeaf, type InfluenceRow } from '#lib/formats/payment/influence.ts';
import { buildPayoutTree, isListed, packPayout, readPayout } from '#lib/formats/payment/payout-list.ts';
import {
  addRecord,
  chainLines,
  lineTerms,
  packRecordTerms,
  potOf,
  readPotWord,
  ZERO_WORD,
} from '#lib/formats/payment/pot.ts';
import { listPayouts } from '#lib/settlement/build-pot.ts';
import { bytes, influenceRows, uint, uint32, vectors } from '../support/random-values.ts';
import { deployReference, type Reference } from '../support/reference-harness.ts';

let reference: Reference;
const ask = <T>(functionName: string, ...args: unknown[]): Promise<T> => reference.ask<T>(functionName, ...args);
beforeAll(async () => {
  reference = await deployReference();
});

const check = <Given>(property: fc.IAsyncProperty<Given>, numRuns: number) => fc.assert(property, { numRuns });

const rowArgument = (row: InfluenceRow) => ({ ...row, vector: toHex(vectorBytes(row.vector)) });

describe('rows', () => {
  it('have the dot product of signed bytes, also at its largest', async () => {
    const [low, high] = [new Int8Array(256).fill(-128), new Int8Array(256).fill(127)];
    const theirs = (a: Int8Array, b: Int8Array) => ask<bigint>('dot', toHex(vectorBytes(a)), toHex(vectorBytes(b)));
    await check(
      fc.asyncProperty(
        fc.constantFrom(low, high).chain((large) => fc.oneof(vectors, fc.constant(large))),
        fc.oneof(vectors, fc.constant(low)),
        async (a, b) => {
          expect(BigInt(dotProduct(a, b))).toBe(await theirs(a, b));
        },
      ),
      40,
    );
    expect(dotProduct(low, low)).toBe(2 ** 22);
  });

  it('weigh in a call what the contracts compute', () =>
    check(
      fc.asyncProperty(
        influenceRows,
        vectors,
        fc.nat(0xffff),
        fc.oneof(fc.constant(0), fc.nat(2 ** 31), fc.constant(2 ** 40 - 1)),
        async (row, values, scale, threshold) => {
          const vector = toHex(encodeCallVector({ scale, values }));
          const theirs = await ask<bigint>('weightOf', vector, rowArgument(row), threshold);
          expect(BigInt(rowWeight(values, row, threshold))).toBe(theirs);
        },
      ),
      50,
    ));

  it('have the leaf of an influence tree, and the node of a holder', () =>
    check(
      fc.asyncProperty(fc.array(influenceRows, { minLength: 1, maxLength: 6 }), async (list) => {
        const leaves: Hex[] = [];
        for (const row of list) leaves.push(await ask<Hex>('influence', rowArgument(row)));
        expect(list.map((row) => toHex(influenceLeaf(row)))).toEqual(leaves);
        expect(commitInfluenceRows(list).root).toBe(await ask<Hex>('root', leaves));
        const { rowLeaf } = list[0]!;
        expect(toHex(rowNode(sizedBytes(rowLeaf, 32)))).toBe(await ask<Hex>('row', rowLeaf));
      }),
      20,
    ));

  it('of a field that does not fit are refused', () => {
    const [row] = fc.sample(influenceRows, { numRuns: 1, seed: 1 });
    for (const wide of [
      { scale: 2 ** 16 },
      { cluster: 2 ** 32 },
      { datanet: 1n << 64n },
      { vector: new Int8Array(255) },
    ]) {
      expect(() => influenceLeaf({ ...row!, ...wide })).toThrow();
    }
  });

  it('belong to holders, whose tree is that of a version', () =>
    check(
      fc.asyncProperty(
        fc.array(fc.record({ account: bytes(20), rows: fc.nat(2 ** 31), rowsRoot: bytes(32) }), {
          minLength: 1,
          maxLength: 9,
        }),
        async (holders) => {
          const tree = buildShares(holders);
          for (const [at, { account, rows, rowsRoot }] of holders.entries()) {
            const content = await ask<Hex>('holder', account, rowsRoot);
            expect(tree.node(0, at).hash).toBe(await ask<Hex>('leaf', content, BigInt(rows)));
          }
        },
      ),
      15,
    ));
});

describe('pots', () => {
  const lines = fc.array(fc.record({ receipts: bytes(32), amountWei: uint(96), calls: fc.nat(65_536) }), {
    maxLength: 6,
  });
  const records = fc.array(
    fc.record({
      lines: bytes(32),
      gross: uint(128),
      count: fc.nat(256),
      time: fc.nat(2 ** 31),
      keep: uint(80),
      pool: uint(88),
    }),
    { minLength: 1, maxLength: 8 },
  );

  it('chain the lines of a redemption', () =>
    check(
      fc.asyncProperty(lines, async (list) => {
        const passed = list.map((line) => ({ receipts: line.receipts, terms: lineTerms(line) }));
        await ask('lines', chainLines(list), passed);
        const other = await ask('lines', chainLines([...list, ...list.slice(0, 1)]), passed).catch(() => 'refused');
        expect(other === 'refused').toBe(list.length > 0);
      }),
      20,
    ));

  it('chain and unroll records', () =>
    check(
      fc.asyncProperty(records, async (list) => {
        const made = [];
        let word = ZERO_WORD;
        for (const { lines: chain, gross, count, time, keep, pool } of list) {
          const terms = packRecordTerms({ lines: count, time, keepWei: keep, poolWei: pool });
          expect(terms).toBe(await ask<bigint>('terms', BigInt(count), BigInt(time), keep, pool));
          const record = { lines: chain, terms, gross };
          const next = addRecord(word, record);
          expect(next).toBe(await ask<Hex>('add', word, record));
          made.push(record);
          word = next;
        }
        expect(potOf(made)).toBe(word);
        const total = (name: 'keep' | 'pool') => list.reduce((sum, one) => sum + one[name], 0n);
        const { records: count, since } = readPotWord(word);
        expect(await ask('unroll', word, made)).toEqual([total('pool'), total('keep'), BigInt(count), BigInt(since)]);
      }),
      20,
    ));
});

describe('lists', () => {
  const ledger: Hex = `0x${'00'.repeat(19)}05`;
  const accounts = fc.nat(40).map((who): Hex => `0x${who.toString(16).padStart(40, '0')}`);

  it('built from amounts are accepted, with their root and sum', () =>
    check(
      fc.asyncProperty(fc.array(fc.tuple(accounts, uint(70)), { maxLength: 30 }), async (entries) => {
        const amounts = new Map(entries);
        const poolWei = [...amounts.values()].reduce((sum, wei) => sum + wei, 0n);
        const words = listPayouts(amounts, poolWei, ledger);
        const sum = words.reduce((all, word) => all + readPayout(word).amountWei, 0n);
        expect(await ask('list', words, poolWei, ledger)).toEqual([buildPayoutTree(words).root, sum]);
      }),
      30,
    ));

  it('take an account as the contract takes it', () =>
    check(
      fc.asyncProperty(bytes(20), uint(96), uint(96), async (account, amountWei, poolWei) => {
        const word = packPayout({ account, amountWei });
        expect(word).toBe(await ask<bigint>('payout', account, amountWei));
        expect(readPayout(word)).toEqual({ account, amountWei });
        for (const amount of [amountWei, poolWei / 1024n, poolWei / 1024n + 1n, 0n]) {
          expect(isListed(amount, poolWei)).toBe(await ask<boolean>('listed', amount, poolWei));
        }
      }),
      30,
    ));
});

describe('calls', () => {
  /** Few clusters and weights, so that there are ties. */
  const weighedRows = fc.array(
    fc.record({
      contributor: fc.nat(5).map((who): Hex => `0x${String(who).padStart(40, '0')}`),
      cluster: fc.nat(90),
      weight: fc.nat(40),
    }),
    { maxLength: 160 },
  );

  it('have entries that omit no row, and parts to the wei', () =>
    check(
      fc.asyncProperty(weighedRows, uint(96), fc.nat(), async (rows, poolWei, which) => {
        const entries = listEntries(
          rows,
          rows.map(({ weight }) => weight),
        );
        const words = entries.map(packEntry);
        const parts = entryParts(entries, poolWei);
        for (const account of new Set(rows.map(({ contributor }) => contributor))) {
          const own = parts.reduce((sum, part, at) => (entries[at]!.account === account ? sum + part : sum), 0n);
          expect(await ask<bigint>('part', words, account, poolWei)).toBe(own);
        }
        for (const [row, { cluster, weight }] of rows.entries()) {
          if ((row + which) % 9 !== 0) continue;
          expect(await ask<boolean>('omitted', words, BigInt(weight), BigInt(row), BigInt(cluster))).toBe(false);
          expect(isOmitted(entries, { row, cluster, weight })).toBe(false);
        }
      }),
      15,
    ));

  it('miss a row exactly when the contract says so', () =>
    check(
      fc.asyncProperty(
        weighedRows,
        fc.nat(),
        fc.nat(90),
        fc.nat(40),
        fc.nat(200),
        async (rows, drop, cluster, weight, row) => {
          const all = listEntries(
            rows,
            rows.map((one) => one.weight),
          );
          const entries = all.filter((_, at) => at !== drop % Math.max(all.length, 1));
          const theirs = await ask<boolean>(
            'omitted',
            entries.map(packEntry),
            BigInt(weight),
            BigInt(row),
            BigInt(cluster),
          );
          expect(isOmitted(entries, { weight, row, cluster })).toBe(theirs);
          const dropped = all[drop % Math.max(all.length, 1)];
          if (dropped) expect(isOmitted(entries, dropped)).toBe(true);
        },
      ),
      40,
    ));

  it('pack an entry and share a pool like the contract', () =>
    check(
      fc.asyncProperty(
        fc.record({
          account: bytes(20),
          row: fc.nat(2 ** 24 - 1),
          cluster: uint32,
          weight: fc.maxSafeNat().map((n) => n % 2 ** 40),
        }),
        fc.tuple(uint(96), uint(96), fc.bigInt(1n, 2n ** 100n)),
        async (entry: CallEntry, [cost, pool, gross]) => {
          const word = packEntry(entry);
          const { account, row, cluster, weight } = entry;
          expect(word).toBe(await ask<bigint>('entry', account, BigInt(row), BigInt(cluster), BigInt(weight)));
          expect(readEntry(word)).toEqual(entry);
          expect(callPool(cost, pool, gross)).toBe(await ask<bigint>('callPool', cost, pool, gross));
        },
      ),
      30,
    ));
});
