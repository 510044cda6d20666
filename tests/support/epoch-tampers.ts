// Ways to tamper with an otherwise valid epoch, and the proof that convicts each.

import { expect } from 'vitest';
import type { CourtProof } from '#lib/chain/words/court-proof.ts';
import type { Hex } from '#lib/core/bytes.ts';
import type { EpochProposal } from '#lib/formats/payment/epoch-proposal.ts';
import type { Influence } from '#lib/formats/payment/influence.ts';
import { buildEpoch, type PaidCall } from '#lib/settlement/build-epoch.ts';
import { commitShares, type EpochLeaves, type FinalAccounts, type WeighedShare } from '#lib/settlement/epoch.ts';
import { alice } from './embedded-chain.ts';

/** The digest of leaves that were never published. */
export const DATA: Hex = `0x${'da'.repeat(32)}`;

type Tamper = (leaves: EpochLeaves) => { leaves?: EpochLeaves; proposal?: Partial<EpochProposal>; paid?: bigint };

/** Replaces the shares of call `index`, and the call's figures about them. */
const withShares = (
  leaves: EpochLeaves,
  index: number,
  change: (shares: WeighedShare[]) => WeighedShare[],
): EpochLeaves => ({
  ...leaves,
  calls: leaves.calls.map((one, place) => {
    if (place !== index) return one;
    const shares = change(one.shares.map((share) => ({ ...share })));
    return { ...one, shares, call: commitShares(one.call, shares) };
  }),
});
const withCall = (
  leaves: EpochLeaves,
  index: number,
  change: Partial<EpochLeaves['calls'][number]['call']>,
): EpochLeaves => ({
  ...leaves,
  calls: leaves.calls.map((one, place) => (place === index ? { ...one, call: { ...one.call, ...change } } : one)),
});
const withEntry = (
  leaves: EpochLeaves,
  index: number,
  change: Partial<EpochLeaves['entries'][number]>,
): EpochLeaves => ({
  ...leaves,
  entries: leaves.entries.map((one, place) => (place === index ? { ...one, ...change } : one)),
});
const swapped = <Item>(list: readonly Item[], a: number, b: number): Item[] =>
  list.map((item, place) => (place === a ? list[b]! : place === b ? list[a]! : item));
const other = (leaves: EpochLeaves, vector: boolean, least = 2): number => {
  const found = leaves.calls.findIndex((one) => (one.vector !== null) === vector && one.shares.length >= least);
  expect(found).not.toBe(-1);
  return found;
};

export const TAMPERS: Record<string, [tamper: Tamper, convictedBy: CourtProof['proof']]> = {
  'a pool larger than what was set aside': [
    (leaves) => ({
      leaves: {
        ...leaves,
        calls: leaves.calls.map((one, at) => (at === 0 ? { ...one, poolWei: one.poolWei + 9n } : one)),
      },
    }),
    'proveBudget',
  ],
  'a total that is not that of its tree': [() => ({ paid: -1n }), 'proveSum'],
  'an account that earned more': [
    ({ accounts, ...rest }) => ({
      leaves: {
        ...rest,
        accounts: accounts.map((one, at) => ({
          ...one,
          cumulativeWei: one.cumulativeWei + (at === 0 ? 1n : at === 1 ? -1n : 0n),
        })),
      },
    }),
    'proveAccount',
  ],
  'accounts out of order': [
    ({ accounts, ...rest }) => ({ leaves: { ...rest, accounts: swapped(accounts, 0, 1) } }),
    'proveOrder',
  ],
  'entries out of order': [
    ({ entries, ...rest }) => ({ leaves: { ...rest, entries: swapped(entries, 0, 1) } }),
    'proveOrder',
  ],
  'calls out of order': [
    ({ calls, ...rest }) => ({ leaves: { ...rest, calls: swapped(calls, 0, 1) } }),
    'proveCallOrder',
  ],
  'shares out of order': [
    (leaves) => ({ leaves: withShares(leaves, other(leaves, true), (shares) => swapped(shares, 0, 1)) }),
    'proveShareOrder',
  ],
  'a weight that the vectors do not give': [
    (leaves) => ({
      leaves: withShares(leaves, other(leaves, true), ([first, ...rest]) => [
        { ...first!, weight: first!.weight + 1n },
        ...rest,
      ]),
    }),
    'proveWeight',
  ],
  'a weight sum that is not that of the shares': [
    (leaves) => {
      const index = other(leaves, true);
      return { leaves: withCall(leaves, index, { weightSum: leaves.calls[index]!.call.weightSum + 1n }) };
    },
    'proveSum',
  ],
  'a cutoff without a full list': [
    (leaves) => ({
      leaves: withCall(
        leaves,
        leaves.calls.findIndex(({ vector, shares }) => vector && shares.length < 64),
        { cutoff: 1n },
      ),
    }),
    'proveCall',
  ],
  'a flat call with a threshold': [
    (leaves) => ({ leaves: withCall(leaves, other(leaves, false), { threshold: 1n }) }),
    'proveCall',
  ],
  'a share for another account than the row’s contributor': [
    (leaves) => ({
      leaves: withShares(leaves, other(leaves, true), ([first, ...rest]) => [
        { ...first!, account: alice.address },
        ...rest,
      ]),
    }),
    'proveForeignRow',
  ],
  'a row that is not there': [
    (leaves) => ({
      leaves: withShares(leaves, other(leaves, true), ([first, ...rest]) => [{ ...first!, row: 9999 }, ...rest]),
    }),
    'proveForeignRow',
  ],
  'an influence tree that was never committed': [
    (leaves) => ({ leaves: withCall(leaves, other(leaves, true), { influenceRoot: DATA }) }),
    'proveForeignTree',
  ],
  'an entry that pays a wei of the next one': [
    (leaves) => {
      const { entries } = leaves;
      const index = entries.findIndex((one, at) => one.amountWei > 0n && one.account === entries[at + 1]?.account);
      const less = withEntry(leaves, index, { amountWei: entries[index]!.amountWei - 1n });
      return { leaves: withEntry(less, index + 1, { amountWei: entries[index + 1]!.amountWei + 1n }) };
    },
    'proveAmount',
  ],
  'an entry for a call that is not there': [
    (leaves) => ({ leaves: withEntry(leaves, leaves.entries.length - 1, { call: 77 }) }),
    'proveEntryWithoutCall',
  ],
  'an entry for a share that is not there': [
    (leaves) => ({ leaves: withEntry(leaves, leaves.entries.length - 1, { slot: 999 }) }),
    'proveEntryWithoutShare',
  ],
  'a share without an entry': [
    ({ calls, entries, accounts }) => {
      const { account, amountWei } = entries.at(-1)!;
      const less = accounts.map((one) => ({
        ...one,
        cumulativeWei: one.cumulativeWei - (BigInt(one.account) === BigInt(account) ? amountWei : 0n),
      }));
      return { leaves: { calls, entries: entries.slice(0, -1), accounts: less } };
    },
    'proveShareWithoutEntry',
  ],
  'a share that points at the entry of another': [
    (leaves) => ({
      leaves: withShares(leaves, other(leaves, true), ([first, second, ...rest]) => [
        { ...first!, entry: second!.entry },
        second!,
        ...rest,
      ]),
    }),
    'proveAmount',
  ],
};

/** Omits a cluster of a call, and follows the rule otherwise. */
export function withoutBest(
  calls: readonly PaidCall[],
  previous: FinalAccounts,
  hide: (call: PaidCall, row: number) => boolean,
): EpochLeaves {
  const blinded = calls.map((call): PaidCall => {
    const nobody = '0x0000000000000000000000000000000000000000' as const;
    const influence = call.influence && {
      ...call.influence,
      rows: call.influence.rows.map((row, at) => (hide(call, at) ? { ...row, contributor: nobody } : row)),
    };
    return { ...call, influence: influence satisfies Influence | null };
  });
  return buildEpoch(blinded, previous.accounts);
}
