// Simulated earnings: the figures of a case counted by hand, nothing created or lost in random ones, and what is refused. That the
// contracts pay the same is proven over the embedded chain in tests/chain/publish-adapter.test.ts.

import { expect, it } from 'vitest';
import type { Hex } from '#lib/core/bytes.ts';
import { createRng } from '#lib/core/rng.ts';
import { simulateEarnings, type Simulation, type SimulationInput } from './simulate-earnings.ts';

const account = (digit: string): Hex => `0x${digit.repeat(40)}`;
const cited = { datanet: 3n, version: 2, weight: 240 };
const holders = [
  { account: account('a'), rows: 2 },
  { account: account('b'), rows: 1 },
];
const plain: SimulationInput = {
  ...{ calls: 1000n, tokens: 0n, perCallWei: 1000n, per1kTokensWei: 0n },
  terms: { feeBps: 250, devBps: 4_000, dataBps: 4_000, nodeBps: 2_000 },
  lineage: { parent: null, refs: [cited] },
  datanets: [{ datanet: 3n, version: 2, curatorBps: 500, holders }],
  parents: [],
};

const sumOf = ({ feeWei, keepWei, devWei, nodeWei, poolWei, leftWei, datanets, parents }: Simulation): bigint =>
  [
    ...[feeWei, keepWei, devWei, nodeWei, poolWei, leftWei],
    ...datanets.flatMap((one) => [one.curatorsWei, one.restWei, ...one.holders.map(({ wei }) => wei)]),
    ...parents.map(({ wei }) => wei),
  ].reduce((sum, wei) => sum + wei, 0n);

it('splits a payment, then the contributors’ part by curators and numbers of rows', () => {
  const paid = simulateEarnings(plain);
  expect(paid).toMatchObject({ grossWei: 1_000_000n, feeWei: 25_000n, devWei: 390_000n, nodeWei: 195_000n });
  // 390,000 for contributors: 5 % to curators, two thirds and one third of the rest.
  expect(paid.datanets).toMatchObject([
    { citedBy: null, curatorsWei: 19_500n, holders: [{ wei: 247_000n }, { wei: 123_500n }], restWei: 0n },
  ]);
  expect(sumOf(paid)).toBe(1_000_000n);
});

it('a price of tokens is rounded up once, as a quote is', () => {
  const { grossWei } = simulateEarnings({ ...plain, calls: 3n, tokens: 1_001n, perCallWei: 0n, per1kTokensWei: 7n });
  expect(grossWei).toBe(8n);
});

it('a version without sources pays the contributors’ part to its developer', () => {
  const paid = simulateEarnings({ ...plain, lineage: { parent: null, refs: [] } });
  expect([paid.devWei, paid.dataWei, paid.datanets]).toEqual([780_000n, 0n, []]);
});

it('a tenth goes up to a parent, and what the parent cites is paid from it', () => {
  const parent = { model: 7n, version: 1 };
  const above = { ...parent, payout: account('c'), lineage: { parent: null, refs: [{ ...cited, weight: 1 }] } };
  const paid = simulateEarnings({ ...plain, lineage: { parent, refs: [cited] }, parents: [above] });
  expect(
    paid.datanets.map(({ citedBy, curatorsWei, holdersWei }) => [citedBy?.model, curatorsWei + holdersWei]),
  ).toEqual([
    [undefined, 351_000n],
    [7n, 39_000n],
  ]);
  const bare = { ...above, lineage: { parent: null, refs: [] } };
  const toMaker = simulateEarnings({ ...plain, lineage: { parent, refs: [] }, parents: [bare] });
  expect(toMaker.parents).toEqual([{ ...parent, payout: account('c'), wei: 390_000n }]);
});

it('what influence decides is set apart', () => {
  const paid = simulateEarnings({ ...plain, terms: { ...plain.terms, rhoBps: 5_000 } });
  expect([paid.poolWei, paid.keepWei]).toEqual([195_000n, 3_900n]);
  expect(sumOf(paid)).toBe(1_000_000n);
});

it('the parts add up to the payment, for any prices, weights, shares and generations', () => {
  const rng = createRng(7);
  const upTo = (most: number) => rng.below(most + 1);
  for (let round = 0; round < 200; round++) {
    const datanets = Array.from({ length: 1 + upTo(4) }, (_, at) => ({
      datanet: BigInt(at + 1),
      version: 1,
      curatorBps: upTo(10_000),
      holders: Array.from({ length: upTo(5) }, (_, n) => ({ account: account(String(n)), rows: upTo(40) })),
    }));
    const refs = datanets.map(({ datanet, version }) => ({ datanet, version, weight: 1 + upTo(65_534) }));
    const generations = upTo(3);
    const parents = Array.from({ length: generations }, (_, at) => ({
      ...{ model: BigInt(at + 1), version: 1, payout: account('d') },
      lineage: {
        parent: at + 1 < generations ? { model: BigInt(at + 2), version: 1 } : null,
        refs: upTo(1) === 0 ? [] : refs.slice(0, 1),
      },
    }));
    const devBps = upTo(5_000);
    const dataBps = upTo(5_000);
    const paid = simulateEarnings({
      ...{ calls: BigInt(upTo(1e6)), tokens: BigInt(upTo(1e9)), datanets, parents },
      ...{ perCallWei: BigInt(upTo(1e9)), per1kTokensWei: BigInt(upTo(1e9)) },
      terms: { feeBps: upTo(1_000), devBps, dataBps, nodeBps: 10_000 - devBps - dataBps, rhoBps: upTo(8_000) },
      lineage: { parent: generations > 0 ? { model: 1n, version: 1 } : null, refs },
    });
    expect(sumOf(paid)).toBe(paid.grossWei);
  }
});

it('a source that is not in the input is named', () => {
  expect(() => simulateEarnings({ ...plain, datanets: [] })).toThrow(/version 2 of Datanet 3/);
  const parent = { model: 9n, version: 4 };
  expect(() => simulateEarnings({ ...plain, lineage: { parent, refs: [] } })).toThrow(/version 4 of model 9/);
});

it('a line of parents that names itself ends, and nothing is lost', () => {
  const parent = { model: 7n, version: 1 };
  const paid = simulateEarnings({
    ...plain,
    lineage: { parent, refs: [] },
    parents: [{ ...parent, payout: account('c'), lineage: { parent, refs: [] } }],
  });
  expect([paid.leftWei, sumOf(paid)]).toEqual([390_000n, 1_000_000n]);
});
