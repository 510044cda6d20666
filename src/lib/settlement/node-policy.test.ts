// A node takes only what it can answer for later: lines that it built, influence that it computed again, receipts until pots are final.

import { describe, expect, it } from 'vitest';
import { commitInfluenceRows } from '#lib/formats/payment/influence.ts';
import { ZERO_WORD } from '#lib/formats/payment/pot.ts';
import { bookLines, createPotWorld, factsOf, THRESHOLD, VERSION } from '#tests/support/pot-world.ts';
import { buildPot } from './build-pot.ts';
import { InfluenceDiffersError, ReceiptsNeededError, VoucherNotAcceptedError } from './errors.ts';
import { admitInfluence, distinctRows, knowInfluence, showRow } from './known-influence.ts';
import { createNodePolicy, type NodePolicy, type SignedLine } from './node-policy.ts';
import { createRowOrigins } from './row-origins.ts';

const world = createPotWorld(5, { rows: 12, holders: 3, clusters: 7 });
const { rows, lineage, shares } = world;
const origins = createRowOrigins(lineage, [shares]);
const valuesOf = (list: typeof rows) => ({
  root: commitInfluenceRows(list).root,
  rows: list.length,
  threshold: THRESHOLD,
});

function admitted(): NodePolicy {
  const policy = createNodePolicy();
  policy.admit(VERSION, rows, valuesOf(rows), origins);
  return policy;
}

describe('vouchers', () => {
  it('are taken for lines that the node built', () => {
    const policy = admitted();
    const line = policy.build(VERSION, [world.call(), world.call(5n, true)]);
    expect(() => policy.accept([line])).not.toThrow();
  });

  it.each<[string, Partial<SignedLine>, string]>([
    ['receipts of others', { receipts: `0x${'12'.repeat(32)}` }, 'did not build'],
    ['another amount', { amountWei: 1n }, 'amount or number'],
    ['another number of calls', { calls: 3 }, 'amount or number'],
    ['another model version', { version: VERSION + 1n }, 'did not build'],
  ])('are refused with %s', (_what, change, words) => {
    const policy = admitted();
    const line = policy.build(VERSION, [world.call()]);
    expect(() => policy.accept([{ ...line, ...change }])).toThrow(VoucherNotAcceptedError);
    expect(() => policy.accept([{ ...line, ...change }])).toThrow(words);
  });

  it('pay a line once', () => {
    const policy = admitted();
    const line = policy.build(VERSION, [world.call()]);
    expect(() => policy.accept([line, line])).toThrow('two lines are the same');
    policy.redeemed('pot', { lines: ZERO_WORD, terms: 0n, gross: 0n }, [line]);
    expect(() => policy.accept([line])).toThrow('were redeemed before');
  });

  it('have no line of nothing, of too many calls, or of a vector of another size', () => {
    const policy = admitted();
    const call = world.call();
    expect(() => policy.build(VERSION, [])).toThrow('1 to 65536 calls');
    expect(() => policy.build(VERSION, new Array<typeof call>(65_537).fill(call))).toThrow('not 65537');
    expect(() => policy.build(VERSION, [{ ...call, vector: new Uint8Array(257) }])).toThrow('has 257 bytes');
  });
});

describe('influence', () => {
  it('is served only where it was computed again', () => {
    const policy = createNodePolicy();
    expect(() => policy.build(VERSION, [world.call()])).toThrow('was not computed again');
    expect(policy.build(VERSION, [world.call(7n, true)])).toMatchObject({ amountWei: 7n, calls: 1 });
    policy.admit(VERSION, rows, valuesOf(rows), origins);
    expect(policy.build(VERSION, [world.call()]).calls).toBe(1);
    expect(() => policy.build(VERSION + 1n, [world.call()])).toThrow('was not computed again');
  });

  it('is refused when its rows are not the committed ones', () => {
    expect(() => knowInfluence(rows.slice(1), valuesOf(rows), origins)).toThrow(InfluenceDiffersError);
    expect(() => knowInfluence(rows, { ...valuesOf(rows), rows: 11 }, origins)).toThrow(InfluenceDiffersError);
  });

  it('is refused when a row has no origin, or stands in it twice', () => {
    const hidden = createRowOrigins({ ...lineage, refs: [] }, [shares]);
    expect(() => admitInfluence(rows, valuesOf(rows), hidden)).toThrow('row 0 has no origin');
    const twice = [...rows, rows[3]!];
    expect(() => admitInfluence(twice, valuesOf(twice), origins)).toThrow('row 12 stands in it twice');
    expect(distinctRows(twice)).toEqual(rows);
    const other = rows.map((row, at) => (at === 2 ? { ...row, contributor: rows[0]!.contributor } : row));
    expect(() => admitInfluence(other, valuesOf(other), origins)).toThrow('row 2 has no origin');
  });

  it('is refused when the holders are not those that were published', () => {
    const [first, ...rest] = shares.holders;
    const fewer = { ...shares, holders: [{ ...first!, rowLeaves: first!.rowLeaves.slice(1) }, ...rest] };
    expect(() => createRowOrigins(lineage, [fewer])).toThrow('are not those published');
  });

  it.each([
    ['a row leaf that is no hash', { rowLeaf: '0xzz' as const }],
    ['a scale beyond 16 bits', { scale: 2 ** 16 }],
    ['a cluster beyond 32 bits', { cluster: 2 ** 32 }],
    ['a short vector', { vector: new Int8Array(255) }],
  ])('is refused by name with %s', (_what, change) => {
    const odd = [{ ...rows[0]!, ...change }, ...rows.slice(1)];
    expect(() => knowInfluence(odd, valuesOf(rows), origins)).toThrow('cannot be hashed');
  });

  it('is refused by name with a holder that is none', () => {
    const odd = { ...shares, holders: [{ account: '0x12' as const, rowLeaves: [] }] };
    expect(() => createRowOrigins(lineage, [odd])).toThrow('cannot be hashed');
  });

  it('shows a row with its place and its holder', () => {
    const { row, path, origin } = showRow(world.known, 4);
    expect(row).toMatchObject({ rowLeaf: rows[4]!.rowLeaf, contributor: rows[4]!.contributor });
    expect([path.length, origin.rows, origin.index, origin.place]).toEqual([4, 4, 1n, 1n]);
  });
});

describe('receipts', () => {
  it('are kept until their pots are final or flat, and make the pot until then', () => {
    const policy = admitted();
    const line = policy.build(VERSION, [world.call(), world.call()]);
    const shown = { ...line, published: [] };
    const { record } = bookLines([shown], 9);
    policy.redeemed('a', record, [line]);
    policy.redeemed('b', record, [line]);
    const published = policy.publish('a');
    expect(buildPot(published, factsOf(published), world.known).redemptions[0]!.lines[0]!.built).toHaveLength(2);
    expect(() => policy.close('a', 'sealed')).toThrow(ReceiptsNeededError);
    expect(() => policy.discard(line)).toThrow('was redeemed');
    policy.close('a', 'final');
    expect(policy.publish('a')).toEqual([]);
    expect(policy.publish('b'), 'another pot still needs them').toHaveLength(1);
    policy.close('b', 'flat');
    expect(() => policy.redeemed('c', record, [line])).toThrow('are missing');
  });

  it('of a line that a later voucher replaced can go', () => {
    const policy = admitted();
    const line = policy.build(VERSION, [world.call()]);
    policy.discard(line);
    expect(() => policy.accept([line])).toThrow('did not build');
  });
});
