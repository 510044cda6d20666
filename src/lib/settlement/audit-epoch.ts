// Audits a proposed epoch against the rule and the chain's records, and finds a proof that convicts it if it is false. Makes no
// requests: the caller passes the records, so the same audit runs anywhere.

import { COURT_TREES, type CourtProof } from '#lib/chain/words/court-proof.ts';
import type { Hex } from '#lib/core/bytes.ts';
import {
  accountLeaf,
  entryLeaf,
  callContent,
  shareContent,
  TOP_CLUSTERS,
  ZERO_HASH,
} from '#lib/formats/payment/epoch-leaves.ts';
import type { EpochProposal } from '#lib/formats/payment/epoch-proposal.ts';
import { callVectorHex, weighRow, type Influence } from '#lib/formats/payment/influence.ts';
import type { Lineage } from '#lib/formats/payment/lineage.ts';
import type { SumLeaf, SumTree } from '#lib/core/merkle-sum.ts';
import { isEligible } from './build-epoch.ts';
import type { FinalAccounts, ListedCall, SealedEpoch } from './epoch.ts';
import { sealAccounts } from './epoch.ts';
import { LeavesMissingError } from './errors.ts';
import {
  accountNumbers,
  callEvidence,
  entryEvidence,
  entryNumbers,
  keyEvidence,
  lineageEvidence,
  nodeEvidence,
  rowEvidence,
  runEvidence,
  shareEvidence,
  UNREAD_CALL,
  UNREAD_SHARE,
  type NumberTree,
} from './evidence.ts';

/** The chain's records of a model version. */
export interface VersionRecord {
  influence: Influence | null;
  lineage: Lineage;
}

/** Facts that an audit does not take from the attester. */
export interface AuditRecords {
  /** The contributors' parts that Settlement recorded in the range, wei. */
  budgetWei: bigint;
  previous: FinalAccounts;
  versionOf(model: bigint, version: number): VersionRecord;
}

interface Audit {
  proposal: EpochProposal;
  epoch: SealedEpoch;
  records: AuditRecords;
}

const vectorOf = ({ vector }: ListedCall): Hex => (vector === null ? '0x' : callVectorHex(vector));

function checkLeaves({ proposal: p, epoch: { trees, calls } }: Audit) {
  const kept: [string, SumTree, Hex, number][] = [
    ['accounts', trees.accounts, p.accountsRoot, p.accounts],
    ['entries', trees.entries, p.entriesRoot, p.entries],
    ['calls', trees.calls, p.callsRoot, p.calls],
    ...calls.map(({ call }, at): [string, SumTree, Hex, number] => [
      `shares of call ${at}`,
      trees.shares[at]!,
      call.sharesRoot,
      call.count,
    ]),
  ];
  for (const [what, tree, root, count] of kept) {
    if (tree.root !== root || tree.count !== count) throw new LeavesMissingError(`other ${what}`);
  }
}

/** K3: totals that do not match their trees, and a budget that does not match the Settlement's. */
function* sums({ proposal: p, epoch, records }: Audit): Generator<CourtProof> {
  const { trees, calls, entries, accounts } = epoch;
  if (p.pools !== records.budgetWei) yield { proof: 'proveBudget', args: [] };
  const rootOf = (tree: SumTree, leaf: (at: number) => SumLeaf) => nodeEvidence(tree, tree.depth, 0, leaf);
  const kept = [
    [COURT_TREES.accounts, trees.accounts, p.total, (at: number) => accountLeaf(accounts[at]!)],
    [COURT_TREES.entries, trees.entries, p.paid, (at: number) => entryLeaf(entries[at]!)],
    [
      COURT_TREES.calls,
      trees.calls,
      p.pools,
      (at: number) => ({ content: callContent(calls[at]!.call), amount: calls[at]!.poolWei }),
    ],
  ] as const;
  for (const [name, tree, stated, leaf] of kept) {
    if (tree.total === stated) continue;
    const { node, opening } = rootOf(tree, leaf);
    yield { proof: 'proveSum', args: [name, UNREAD_CALL, node, opening] };
  }
  for (const [at, { call, shares }] of calls.entries()) {
    const tree = trees.shares[at]!;
    if (tree.total === call.weightSum) continue;
    const leaf = (slot: number) => ({ content: shareContent(shares[slot]!), amount: shares[slot]!.weight });
    const { node, opening } = rootOf(tree, leaf);
    yield { proof: 'proveSum', args: [COURT_TREES.shares, callEvidence(epoch, at), node, opening] };
  }
}

const descents = (keys: readonly bigint[]): number[] =>
  keys.flatMap((key, at) => (at > 0 && keys[at - 1]! >= key ? [at] : []));

/** K4: neighbours that are not ascending. */
function* orders({ epoch }: Audit): Generator<CourtProof> {
  const { calls, accounts, trees } = epoch;
  const named: [0 | 1, NumberTree][] = [
    [COURT_TREES.accounts, accountNumbers(accounts, trees.accounts)],
    [COURT_TREES.entries, entryNumbers(epoch)],
  ];
  for (const [name, numbers] of named) {
    for (const at of descents(numbers.keys)) {
      yield { proof: 'proveOrder', args: [name, keyEvidence(numbers, at - 1), keyEvidence(numbers, at)] };
    }
  }
  for (const at of descents(calls.map(({ call }) => BigInt(call.callId)))) {
    yield { proof: 'proveCallOrder', args: [callEvidence(epoch, at - 1), callEvidence(epoch, at)] };
  }
  for (const [index, { shares }] of calls.entries()) {
    for (const at of descents(shares.map(({ cluster }) => BigInt(cluster)))) {
      const [left, right] = [shareEvidence(epoch, index, at - 1), shareEvidence(epoch, index, at)];
      yield { proof: 'proveShareOrder', args: [callEvidence(epoch, index), left, right] };
    }
  }
}

/** K3 and K7: calls that list more than allowed. */
function* callsThemselves({ epoch, records }: Audit): Generator<CourtProof> {
  for (const [index, { call, vector }] of epoch.calls.entries()) {
    const { count, cutoff, threshold, influenceRoot } = call;
    const most = count > TOP_CLUSTERS || (cutoff !== 0n && count < TOP_CLUSTERS);
    const wrong = vector === null ? cutoff !== 0n || threshold !== 0n : most;
    if (wrong || (influenceRoot === ZERO_HASH && count !== 0)) {
      yield { proof: 'proveCall', args: [callEvidence(epoch, index)] };
    }
    const committed = records.versionOf(call.model, call.version).influence?.root;
    if (influenceRoot !== ZERO_HASH && influenceRoot !== committed) {
      yield { proof: 'proveForeignTree', args: [callEvidence(epoch, index)] };
    }
  }
}

/** K1 and K7: listed rows with a wrong identity, place or weight. */
function* listed({ epoch, records }: Audit): Generator<CourtProof> {
  for (const [index, one] of epoch.calls.entries()) {
    const { call, shares, vector } = one;
    const { influence, lineage } = records.versionOf(call.model, call.version);
    if (!influence) continue;
    for (const [slot, share] of shares.entries()) {
      const row = influence.rows[share.row];
      const here = () => [callEvidence(epoch, index), shareEvidence(epoch, index, slot)] as const;
      const isAnother =
        !row ||
        BigInt(row.cluster) !== BigInt(share.cluster) ||
        BigInt(row.contributor) !== BigInt(share.account) ||
        !isEligible(row, lineage);
      if (isAnother) {
        const shown = rowEvidence(influence, row ? share.row : 0);
        yield { proof: 'proveForeignRow', args: [...here(), shown, lineageEvidence(lineage)] };
        continue;
      }
      const weight = weighRow(row, vector, call.threshold);
      if (weight !== share.weight || weight === 0n || weight < call.cutoff) {
        yield { proof: 'proveWeight', args: [...here(), rowEvidence(influence, share.row), vectorOf(one)] };
      }
    }
  }
}

/** K2: entries and shares that do not refer to each other, or pay another amount. */
function* amounts({ epoch }: Audit): Generator<CourtProof> {
  const { calls, entries } = epoch;
  for (const [at, entry] of entries.entries()) {
    const call = calls[entry.call];
    if (!call) yield { proof: 'proveEntryWithoutCall', args: [entryEvidence(epoch, at)] };
    else if (entry.slot >= call.shares.length) {
      const args = [entryEvidence(epoch, at), callEvidence(epoch, entry.call)] as const;
      yield { proof: 'proveEntryWithoutShare', args: [...args] };
    } else {
      const { account, entry: back, weight } = call.shares[entry.slot]!;
      const due = call.call.weightSum === 0n ? 0n : (call.poolWei * weight) / call.call.weightSum;
      if (back === at && BigInt(account) === BigInt(entry.account) && due === entry.amountWei) continue;
      const share = shareEvidence(epoch, entry.call, entry.slot);
      yield { proof: 'proveAmount', args: [callEvidence(epoch, entry.call), share, entryEvidence(epoch, at)] };
    }
  }
  for (const [index, { shares }] of calls.entries()) {
    for (const [slot, { entry }] of shares.entries()) {
      const here = () => [callEvidence(epoch, index), shareEvidence(epoch, index, slot)] as const;
      const found = entries[entry];
      if (!found) yield { proof: 'proveShareWithoutEntry', args: [...here()] };
      else if (found.call !== index || found.slot !== slot) {
        yield { proof: 'proveAmount', args: [...here(), entryEvidence(epoch, entry)] };
      }
    }
  }
}

/** K5: accounts whose total is not the previous one plus their entries. */
function* totals({ epoch, records }: Audit): Generator<CourtProof> {
  const { entries, accounts, trees } = epoch;
  const due = new Map<bigint, bigint>();
  const add = (account: Hex, wei: bigint) => due.set(BigInt(account), (due.get(BigInt(account)) ?? 0n) + wei);
  for (const { account, cumulativeWei } of records.previous.accounts) add(account, cumulativeWei);
  for (const { account, amountWei } of entries) add(account, amountWei);
  const has = new Map(accounts.map(({ account, cumulativeWei }) => [BigInt(account), cumulativeWei]));
  const before = accountNumbers(records.previous.accounts, sealAccounts(records.previous.accounts).tree);
  const now = accountNumbers(accounts, trees.accounts);
  for (const key of new Set([...due.keys(), ...has.keys()])) {
    if ((due.get(key) ?? 0n) === (has.get(key) ?? 0n)) continue;
    const account: Hex = `0x${key.toString(16).padStart(40, '0')}`;
    const own = [key, key + 1n] as const;
    const inEntries = runEvidence(entryNumbers(epoch), key << 64n, (key + 1n) << 64n);
    yield { proof: 'proveAccount', args: [account, runEvidence(before, ...own), inEntries, runEvidence(now, ...own)] };
  }
}

/** K6: missing rows. */
function* omissions({ epoch, records }: Audit): Generator<CourtProof> {
  for (const [index, one] of epoch.calls.entries()) {
    const { call, shares, vector } = one;
    const { influence, lineage } = records.versionOf(call.model, call.version);
    if (!influence || call.influenceRoot === ZERO_HASH) continue;
    const clusters = shares.map(({ cluster }) => BigInt(cluster));
    const slotOf = new Map(clusters.map((cluster, slot) => [cluster, slot]));
    for (const [at, row] of influence.rows.entries()) {
      const weight = weighRow(row, vector, call.threshold);
      const slot = slotOf.get(BigInt(row.cluster));
      if (weight === 0n || weight <= (slot === undefined ? call.cutoff : shares[slot]!.weight)) continue;
      if (!isEligible(row, lineage)) continue;
      const shown = [rowEvidence(influence, at), vectorOf(one), lineageEvidence(lineage)] as const;
      const asCall = callEvidence(epoch, index);
      if (slot !== undefined) {
        yield { proof: 'proveBetterRow', args: [asCall, shareEvidence(epoch, index, slot), ...shown] };
        continue;
      }
      const found = clusters.findIndex((cluster) => cluster > BigInt(row.cluster));
      const place = found === -1 ? clusters.length : found;
      const beside = (other: number) =>
        other >= 0 && other < clusters.length ? shareEvidence(epoch, index, other) : UNREAD_SHARE;
      const edge = [BigInt(place), beside(place - 1), beside(place)] as const;
      yield { proof: 'proveMissingRow', args: [asCall, ...shown, ...edge] };
    }
  }
}

/**
 * Every proof against a proposal whose published leaves are `epoch`, the cheapest kinds first; none when it is right.
 * @throws LeavesMissingError when the leaves are not those of the proposal.
 *
 * @example
 * import { challenge } from '#lib/chain/actions/settlement/challenge.ts';
 * import { auditEpoch } from '#lib/settlement/audit-epoch.ts';
 *
 * // The first proof is the cheapest; no proof means that the proposal is right.
 * const [proof] = auditEpoch(proposal, epoch, records);
 * if (proof) await run(await challenge(chain, { proposal, proof }));
 */
export function* auditEpoch(proposal: EpochProposal, epoch: SealedEpoch, records: AuditRecords): Generator<CourtProof> {
  const audit: Audit = { proposal, epoch, records };
  checkLeaves(audit);
  for (const kind of [sums, orders, callsThemselves, listed, amounts, totals, omissions]) yield* kind(audit);
}
