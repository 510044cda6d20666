// Shares of random answers: no wei is lost or made, none is negative, and order decides nothing. PAYABLE_FUZZ=1000000 computes a million.

import { expect, it } from 'vitest';
import type { Hex } from '#lib/core/bytes.ts';
import { createRng } from '#lib/core/rng.ts';
import { apportion } from '#lib/core/apportion.ts';
import { listEntries, TOP_ENTRIES } from '#lib/formats/payment/call-rule.ts';
import { sharesOfPart } from './check-receipt.ts';

const RUNS = Number(process.env['PAYABLE_FUZZ'] ?? 10_000);
const ACCOUNTS = Array.from({ length: 12 }, (_, at): Hex => `0x${(at + 1).toString(16).padStart(40, '0')}`);
const rng = createRng(2026);
/** Mostly small numbers, so that there are ties and zeros. */
const upTo = (most: number): number => (rng.below(3) === 0 ? rng.below(Math.min(most, 5)) : rng.below(most));

function randomAnswer() {
  const rows = Array.from({ length: 1 + upTo(90) }, () => ({
    contributor: ACCOUNTS[rng.below(ACCOUNTS.length)]!,
    cluster: upTo(100),
    weight: upTo(2 ** 40),
  }));
  const [a, b] = [rng.below(10_001), rng.below(10_001)].sort((x, y) => x - y) as [number, number];
  const terms = { feeBps: upTo(1_001), devBps: a, dataBps: b - a, nodeBps: 10_000 - b, rhoBps: upTo(8_001) };
  const costWei = BigInt(upTo(2 ** 32)) * BigInt(1 + upTo(2 ** 31)) + BigInt(upTo(7));
  return { rows, terms, costWei };
}

type Rows = ReturnType<typeof randomAnswer>['rows'];
const entriesOf = (rows: Rows) =>
  listEntries(
    rows,
    rows.map(({ weight }) => weight),
  );

/** What each cluster gets: equal weights in one cluster are told apart by the lower index alone. */
const byCluster = (rows: Rows, { terms, costWei }: Pick<ReturnType<typeof randomAnswer>, 'terms' | 'costWei'>) =>
  sharesOfPart({ entries: entriesOf(rows), terms, costWei }).shares.map(
    ({ cluster, amountWei }) => `${cluster} ${amountWei}`,
  );

it(`${RUNS} random answers are shared to the wei`, () => {
  let paid = 0n;
  for (let run = 0; run < RUNS; run++) {
    const answer = randomAnswer();
    const { rows, costWei } = answer;
    const { split, shares, restWei } = sharesOfPart({ ...answer, entries: entriesOf(rows) });
    const sum = shares.reduce((all, { amountWei }) => all + amountWei, 0n);
    const { feeWei, keepWei, devWei, nodeWei, dataWei, poolWei } = split;
    const isWhole =
      feeWei + keepWei + devWei + nodeWei + dataWei === costWei &&
      sum + restWei === poolWei &&
      poolWei <= dataWei &&
      (shares.length === 0 ? restWei === poolWei : restWei < BigInt(shares.length)) &&
      [feeWei, keepWei, devWei, nodeWei, dataWei, poolWei, restWei].every((wei) => wei >= 0n) &&
      shares.every(({ amountWei, shareBps, weight }) => amountWei >= 0n && shareBps >= 0 && weight > 0) &&
      (shares.length === 0 || shares.reduce((all, { shareBps }) => all + shareBps, 0) === 10_000) &&
      shares.length <= TOP_ENTRIES;
    if (!isWhole) expect({ run, answer, split, shares, restWei }).toBe('whole');
    // Twice turned round, and once cut and put together again.
    const cut = rng.below(rows.length);
    const turned = rng.below(2) === 0 ? [...rows].reverse() : [...rows.slice(cut), ...rows.slice(0, cut)];
    const [one, other] = [byCluster(rows, answer), byCluster(turned, answer)];
    if (one.join() !== other.join()) expect({ run, one }).toEqual({ run, one: other });
    const parts = apportion(costWei, shares.map(({ weight }) => BigInt(weight)).concat(1n));
    if (parts.reduce((all, part) => all + part, 0n) !== costWei) expect({ run, parts }).toBe('whole');
    paid += sum;
  }
  expect(paid).toBeGreaterThan(0n);
}, 600_000);
