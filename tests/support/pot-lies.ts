// False lists of a pot. Some change only the list; the others are consistent in all but one call, whose entries are false, so that the
// liar can answer down to that call.

import type { Hex } from '#lib/core/bytes.ts';
import { rowWeight, type CallEntry } from '#lib/formats/payment/call-rule.ts';
import { packPayout, readPayout } from '#lib/formats/payment/payout-list.ts';
import { listPayouts, partsOfCall, type BuiltCall, type BuiltPot } from '#lib/settlement/build-pot.ts';
import { THRESHOLD } from './pot-world.ts';

export const STRANGER: Hex = `0x${'57'.repeat(20)}`;
const NO_ACCOUNT: Hex = `0x${'00'.repeat(20)}`;

/** The pot with other calls in place of some; amounts and list follow from them. */
function withCalls(pot: BuiltPot, changed: ReadonlyMap<BuiltCall, BuiltCall>): BuiltPot {
  const amounts = new Map<Hex, bigint>();
  const redemptions = pot.redemptions.map((redemption) => ({
    ...redemption,
    lines: redemption.lines.map((line) => ({
      ...line,
      built: line.built.map((call) => changed.get(call) ?? call),
    })),
  }));
  for (const { lines, poolWei, record } of redemptions) {
    for (const call of lines.flatMap(({ built }) => built)) {
      for (const [account, wei] of partsOfCall(call, poolWei, record.gross)) {
        amounts.set(account, (amounts.get(account) ?? 0n) + wei);
      }
    }
  }
  return { ...pot, redemptions, amounts, list: listPayouts(amounts, pot.poolWei, NO_ACCOUNT) };
}

/** The call with influence that cost most. */
const victimOf = (pot: BuiltPot): BuiltCall =>
  pot.redemptions
    .flatMap(({ lines }) => lines.flatMap(({ built }) => built))
    .filter(({ entries }) => entries.length > 1)
    .sort((a, b) => Number(b.costWei - a.costWei))[0]!;

const inCall =
  (change: (entries: CallEntry[], pot: BuiltPot, call: BuiltCall) => CallEntry[]) =>
  (pot: BuiltPot): BuiltPot => {
    const call = victimOf(pot);
    const entries = change(
      call.entries.map((entry) => ({ ...entry })),
      pot,
      call,
    );
    return withCalls(pot, new Map([[call, { ...call, entries }]]));
  };
const inList =
  (change: (list: bigint[], pot: BuiltPot) => bigint[]) =>
  (pot: BuiltPot): BuiltPot => ({ ...pot, list: change([...pot.list], pot) });

const heaviest = (entries: readonly CallEntry[]): number =>
  entries.findIndex(({ weight }) => weight === Math.max(...entries.map((entry) => entry.weight)));
const replaced = (entries: CallEntry[], at: number, change: Partial<CallEntry>): CallEntry[] =>
  entries.map((entry, place) => (place === at ? { ...entry, ...change } : entry));
const added = (entries: CallEntry[], entry: CallEntry): CallEntry[] =>
  [...entries, entry].sort((a, b) => a.cluster - b.cluster);

/** Rows with their weight in a call; of rows without an origin, what it would be. */
const weighed = ({ known }: BuiltPot, { vector }: BuiltCall) =>
  known.influence.rows.map((row, at) => ({
    row: at,
    account: row.contributor,
    cluster: row.cluster,
    weight: rowWeight(new Int8Array(vector!.subarray(2)), row, THRESHOLD),
    counts: known.counts[at]!,
  }));

export const LIES: Readonly<Record<string, (pot: BuiltPot) => BuiltPot>> = {
  'an account gets a wei more': inList(([first, ...rest]) => [first! + 1n, ...rest]),
  'an account gets a wei less': inList(([first, ...rest]) => [first! - 1n, ...rest]),
  'an account is left out': inList(([, ...rest]) => rest),
  'an account without rows is listed': inList((list, { poolWei }) =>
    [...list, packPayout({ account: STRANGER, amountWei: poolWei / 1024n + 1n })].sort((a, b) => (a < b ? -1 : 1)),
  ),
  'two accounts get what the other earned': inList(([a, b, ...rest]) => {
    const [one, other] = [readPayout(a!), readPayout(b!)];
    return [
      packPayout({ ...one, amountWei: other.amountWei }),
      packPayout({ ...other, amountWei: one.amountWei }),
      ...rest,
    ];
  }),
  'all calls are said to have no influence': inList(() => []),
  'two calls are said to have cost what the other did': (pot) => {
    const calls = pot.redemptions[0]!.lines[0]!.built.filter(({ vector }) => vector !== null);
    const [a, b] = [calls[0]!, calls[1]!];
    return withCalls(
      pot,
      new Map([
        [a, { ...a, costWei: b.costWei }],
        [b, { ...b, costWei: a.costWei }],
      ]),
    );
  },
  'the heaviest entry of a call is left out': inCall((entries) => entries.filter((_, at) => at !== heaviest(entries))),
  'an entry names another account': inCall((entries) => replaced(entries, heaviest(entries), { account: STRANGER })),
  'an entry has too much weight': inCall((entries) => {
    const at = heaviest(entries);
    return replaced(entries, at, { weight: entries[at]!.weight + 1_000_000 });
  }),
  'an entry has too little weight': inCall((entries) => replaced(entries, heaviest(entries), { weight: 1 })),
  'a lighter row stands for its cluster': inCall((entries, pot, call) => {
    const rows = weighed(pot, call);
    const at = entries.findIndex(({ cluster, row }) =>
      rows.some((one) => one.cluster === cluster && one.row !== row && one.weight > 0 && one.counts),
    );
    const { counts: _, ...lighter } = rows.find(
      (one) => one.cluster === entries[at]!.cluster && one.row !== entries[at]!.row && one.weight > 0 && one.counts,
    )!;
    return replaced(entries, at, lighter);
  }),
  'a row that weighs nothing is listed': inCall((entries, pot, call) => {
    const listed = new Set(entries.map(({ cluster }) => cluster));
    const { counts: _, ...row } = weighed(pot, call).find((one) => one.weight === 0 && !listed.has(one.cluster))!;
    return added(entries, { ...row, weight: 5_000_000 });
  }),
  'a row without an origin is listed': inCall((entries, pot, call) => {
    const { counts: _, ...row } = weighed(pot, call).find(({ counts }) => !counts)!;
    const others = entries.filter(({ cluster }) => cluster !== row.cluster);
    return added(others, { ...row, weight: row.weight || 5_000_000 });
  }),
};
