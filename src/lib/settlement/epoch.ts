// An epoch as leaves, with the trees and the proposal over them. Sealing does not judge: valid and false epochs are sealed alike,
// so that an auditor can compare them.

import type { Hex } from '#lib/core/bytes.ts';
import {
  accountLeaf,
  callContent,
  entryLeaf,
  shareContent,
  type EpochAccount,
  type EpochCall,
  type EpochEntry,
  type EpochShare,
} from '#lib/formats/payment/epoch-leaves.ts';
import type { EpochProposal } from '#lib/formats/payment/epoch-proposal.ts';
import type { CallVector } from '#lib/formats/payment/influence.ts';
import { buildSumTree, type SumTree } from '#lib/core/merkle-sum.ts';
import { EpochInputError } from './errors.ts';

export interface WeighedShare extends EpochShare {
  weight: bigint;
}

export interface ListedCall {
  call: EpochCall;
  poolWei: bigint;
  /** Null for a flat call. */
  vector: CallVector | null;
  /** Ascending by cluster. */
  shares: readonly WeighedShare[];
}

/** The published leaves of an epoch, in the order of its trees. */
export interface EpochLeaves {
  calls: readonly ListedCall[];
  entries: readonly EpochEntry[];
  accounts: readonly EpochAccount[];
}

export interface SealedEpoch extends EpochLeaves {
  trees: { calls: SumTree; entries: SumTree; accounts: SumTree; shares: readonly SumTree[] };
}

/** The final state on which an epoch builds. */
export interface FinalAccounts {
  root: Hex;
  totalWei: bigint;
  accounts: readonly EpochAccount[];
}

const MAX_UINT96 = (1n << 96n) - 1n;

/**
 * @example
 * import { shareTree } from '#lib/settlement/epoch.ts';
 *
 * const { call, shares } = epoch.calls[0]!;
 * const isCommitted = shareTree(shares).root === call.sharesRoot;
 */
export const shareTree = (shares: readonly WeighedShare[]): SumTree =>
  buildSumTree(shares.map((share) => ({ content: shareContent(share), amount: share.weight })));

/**
 * The call with its commitments to `shares`.
 *
 * @example
 * import { commitShares } from '#lib/settlement/epoch.ts';
 *
 * const { call, shares } = epoch.calls[0]!;
 * const withoutFirst = commitShares(call, shares.slice(1));
 */
export function commitShares(call: EpochCall, shares: readonly WeighedShare[]): EpochCall {
  const { root, total, count } = shareTree(shares);
  if (total > MAX_UINT96) throw new EpochInputError(`the weights of call ${call.callId} add up to more than 2^96`);
  return { ...call, sharesRoot: root, weightSum: total, count };
}

/**
 * @example
 * import { sealAccounts } from '#lib/settlement/epoch.ts';
 *
 * const { root, totalWei } = sealAccounts(epoch.accounts);
 * if (root !== proposal.accountsRoot || totalWei !== proposal.total) show('These are not the accounts it proposes');
 */
export const sealAccounts = (accounts: readonly EpochAccount[]): FinalAccounts & { tree: SumTree } => {
  const tree = buildSumTree(accounts.map(accountLeaf));
  return { root: tree.root, totalWei: tree.total, accounts, tree };
};

/**
 * @example
 * import { formatEther } from 'viem';
 * import { buildEpoch } from '#lib/settlement/build-epoch.ts';
 * import { sealEpoch } from '#lib/settlement/epoch.ts';
 *
 * const { trees } = sealEpoch(buildEpoch(paidCalls, records.previous.accounts));
 * show(`${formatEther(trees.entries.total)} of ${formatEther(trees.calls.total)} OPEN are paid out`);
 */
export const sealEpoch = (leaves: EpochLeaves): SealedEpoch => ({
  ...leaves,
  trees: {
    calls: buildSumTree(leaves.calls.map(({ call, poolWei }) => ({ content: callContent(call), amount: poolWei }))),
    entries: buildSumTree(leaves.entries.map(entryLeaf)),
    accounts: sealAccounts(leaves.accounts).tree,
    shares: leaves.calls.map(({ shares }) => shareTree(shares)),
  },
});

/**
 * @example
 * import { proposeEpoch } from '#lib/chain/actions/settlement/propose-epoch.ts';
 * import { proposalOf } from '#lib/settlement/epoch.ts';
 *
 * const proposal = proposalOf(epoch, { from: 480_000n, to: 480_023n }, records.previous, digest);
 * await run(await proposeEpoch(chain, proposal));
 */
export function proposalOf(
  { trees: { calls, entries, accounts } }: SealedEpoch,
  { from, to }: Pick<EpochProposal, 'from' | 'to'>,
  previous: FinalAccounts,
  dataHash: Hex,
): EpochProposal {
  return {
    from,
    to,
    previousRoot: previous.root,
    previousTotal: previous.totalWei,
    previousAccounts: previous.accounts.length,
    accountsRoot: accounts.root,
    total: accounts.total,
    accounts: accounts.count,
    entriesRoot: entries.root,
    paid: entries.total,
    entries: entries.count,
    callsRoot: calls.root,
    pools: calls.total,
    calls: calls.count,
    dataHash,
  };
}
