// The table of earnings: each party once, the publisher by name, and rows that add up to the payment.

import { expect, it } from 'vitest';
import { simulateEarnings } from '#lib/settlement/simulate-earnings.ts';
import { earningRows } from './earning-rows.ts';

const account = (last: number) => `0x${last.toString(16).padStart(40, '0')}` as const;

it('rows add up to the payment, and contributors after the fifth are one row', () => {
  const holders = [1, 2, 3, 4, 5, 6, 7].map((at) => ({ account: account(at), rows: at }));
  const paid = simulateEarnings({
    ...{ calls: 1_000n, tokens: 0n, perCallWei: 10n ** 16n + 1n, per1kTokensWei: 0n, parents: [] },
    terms: { feeBps: 300, devBps: 4000, dataBps: 4000, nodeBps: 2000 },
    lineage: { parent: null, refs: [{ datanet: 3n, version: 2, weight: 28 }] },
    datanets: [{ datanet: 3n, version: 2, curatorBps: 500, holders }],
  });
  const rows = earningRows(paid, account(7));
  expect(rows.reduce((sum, { wei }) => sum + wei, 0n)).toBe(paid.grossWei);
  const names = rows.map(({ who }) => who);
  expect(names).toContain('Datanet 3 v2: you, 7 rows');
  expect(names).toContain('Datanet 3 v2: 2 other contributors');
  expect(names.filter((who) => who.startsWith('Datanet 3 v2'))).toHaveLength(7);
});
