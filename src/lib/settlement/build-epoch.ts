// Builds an epoch by the rule of EntryCodec (contracts/src/attribution/lib): which rows of which calls are paid how much, in
// integers, equal on every machine. The Court convicts any other proposal. Where the contract leaves a choice between equals, the
// lower cluster and the earlier row win.

import { toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import {
  entryKey,
  TOP_CLUSTERS,
  ZERO_HASH,
  type EpochAccount,
  type EpochEntry,
} from '#lib/formats/payment/epoch-leaves.ts';
import {
  hashCallVector,
  weighRow,
  type CallVector,
  type Influence,
  type InfluenceRow,
} from '#lib/formats/payment/influence.ts';
import { citedKey, type Lineage } from '#lib/formats/payment/lineage.ts';
import type { EpochLeaves, ListedCall, WeighedShare } from './epoch.ts';
import { commitShares } from './epoch.ts';
import { EpochInputError } from './errors.ts';

/** A paid call, with the data that decides which rows shaped its answer. */
export interface PaidCall {
  /** Hash of the receipt. */
  callId: Hex;
  model: bigint;
  version: number;
  /** The model version's commitment; null without one: then no row is paid. */
  influence: Influence | null;
  lineage: Lineage;
  /** Null for a flat call, which pays all cited rows by their base weight. */
  vector: CallVector | null;
  threshold: bigint;
  /** The contributors' part of the call's price. */
  poolWei: bigint;
}

const MAX_UINT64 = (1n << 64n) - 1n;
const MAX_UINT96 = (1n << 96n) - 1n;

const byNumber = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Whether the rule allows listing a row.
 *
 * @example
 * import { isEligible } from '#lib/settlement/build-epoch.ts';
 *
 * const { influence, lineage } = records.versionOf(7n, 2);
 * const cited = influence?.rows.filter((row) => isEligible(row, lineage)) ?? [];
 */
export const isEligible = ({ contributor, datanet, version }: InfluenceRow, { refs }: Lineage): boolean =>
  BigInt(contributor) !== 0n && refs.some((ref) => citedKey(ref) === citedKey({ datanet, version }));

/**
 * The shares of a call and its cutoff; `entry` is set later.
 *
 * @example
 * import { listShares } from '#lib/settlement/build-epoch.ts';
 *
 * const { influence, lineage } = records.versionOf(7n, 2);
 * const { shares } = listShares({ influence, lineage, vector: null, threshold: 0n });
 * show(shares.map(({ account, weight }) => `${account} ${weight}`));
 */
export function listShares(call: Pick<PaidCall, 'influence' | 'lineage' | 'vector' | 'threshold'>): {
  shares: WeighedShare[];
  cutoff: bigint;
} {
  const best = new Map<bigint, WeighedShare>();
  call.influence?.rows.forEach((row, index) => {
    const weight = weighRow(row, call.vector, call.threshold);
    if (weight === 0n || !isEligible(row, call.lineage)) return;
    const key = BigInt(row.cluster);
    const found = best.get(key);
    if (found && found.weight >= weight) return;
    best.set(key, { cluster: row.cluster, account: row.contributor, row: index, entry: 0, weight });
  });
  let listed = [...best];
  let cutoff = 0n;
  if (call.vector !== null && listed.length >= TOP_CLUSTERS) {
    listed.sort(([a, one], [b, other]) => byNumber(other.weight, one.weight) || byNumber(a, b));
    listed = listed.slice(0, TOP_CLUSTERS);
    cutoff = listed.at(-1)![1].weight;
  }
  return { shares: listed.sort(([a], [b]) => byNumber(a, b)).map(([, share]) => share), cutoff };
}

function checkCall({ callId, vector, threshold, poolWei }: PaidCall) {
  if (poolWei < 0n || poolWei > MAX_UINT96) throw new EpochInputError(`the pool of call ${callId} is out of range`);
  if (threshold < 0n || threshold > MAX_UINT64)
    throw new EpochInputError(`the threshold of call ${callId} is out of range`);
  if (vector === null && threshold !== 0n) throw new EpochInputError(`call ${callId} is flat and has a threshold`);
}

/** Adds entries to the accounts' previous totals; both are ascending. */
function addUp(before: readonly EpochAccount[], entries: readonly EpochEntry[]): EpochAccount[] {
  const totals = new Map<bigint, bigint>();
  let last = -1n;
  for (const { account, cumulativeWei } of before) {
    if (BigInt(account) <= last) throw new EpochInputError('the accounts before do not ascend');
    last = BigInt(account);
    totals.set(last, cumulativeWei);
  }
  for (const { account, amountWei } of entries) {
    totals.set(BigInt(account), (totals.get(BigInt(account)) ?? 0n) + amountWei);
  }
  return [...totals]
    .sort(([a], [b]) => byNumber(a, b))
    .map(([key, cumulativeWei]) => ({ account: toHex(uintBytes(key, 20)), cumulativeWei }));
}

/**
 * Builds the leaves of an epoch range from its paid calls and what accounts had earned before. What rounding leaves of a
 * pool, less than a wei per share, stays in the ledger for later epochs, as does the pool of a call without influence.
 *
 * @example
 * import { buildEpoch } from '#lib/settlement/build-epoch.ts';
 * import { proposalOf, sealEpoch } from '#lib/settlement/epoch.ts';
 *
 * const epoch = sealEpoch(buildEpoch(paidCalls, records.previous.accounts));
 * const proposal = proposalOf(epoch, { from: 480_000n, to: 480_023n }, records.previous, digest);
 */
export function buildEpoch(paid: readonly PaidCall[], before: readonly EpochAccount[]): EpochLeaves {
  const sorted = [...paid].sort((a, b) => byNumber(BigInt(a.callId), BigInt(b.callId)));
  sorted.forEach((call, at) => {
    checkCall(call);
    if (at > 0 && BigInt(call.callId) === BigInt(sorted[at - 1]!.callId)) {
      throw new EpochInputError(`call ${call.callId} is there twice`);
    }
  });
  const drafts = sorted.map((call) => ({ call, ...listShares(call) }));
  const entries = drafts
    .flatMap(({ call, shares }, index) => {
      const sum = shares.reduce((all, { weight }) => all + weight, 0n);
      return shares.map(({ account, weight }, slot): EpochEntry => ({
        account,
        call: index,
        slot,
        amountWei: (call.poolWei * weight) / sum,
      }));
    })
    .sort((a, b) => byNumber(entryKey(a), entryKey(b)));
  entries.forEach(({ call, slot }, entry) => (drafts[call]!.shares[slot]!.entry = entry));

  const calls = drafts.map(({ call, shares, cutoff }): ListedCall => {
    const { callId, model, version, influence, vector, threshold, poolWei } = call;
    const vectorHash = vector === null ? ZERO_HASH : hashCallVector(vector);
    const influenceRoot = influence?.root ?? ZERO_HASH;
    const bare = { callId, model, version, influenceRoot, vectorHash, threshold, cutoff };
    const open = { ...bare, sharesRoot: ZERO_HASH, weightSum: 0n, count: 0 };
    return { call: commitShares(open, shares), poolWei, vector, shares };
  });
  return { calls, entries, accounts: addUp(before, entries) };
}
