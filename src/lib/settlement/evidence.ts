// Extracts leaves, places and nodes of a sealed epoch in the form that the Court reads.

import type {
  CallEvidence,
  EntryEvidence,
  KeyEvidence,
  LineageEvidence,
  NodeEvidence,
  OpeningEvidence,
  RowEvidence,
  RunEvidence,
  ShareEvidence,
} from '#lib/chain/words/court-proof.ts';
import { entryKey, ZERO_HASH } from '#lib/formats/payment/epoch-leaves.ts';
import { vectorHex, type Influence } from '#lib/formats/payment/influence.ts';
import { packDatanetRef, packParent, type Lineage } from '#lib/formats/payment/lineage.ts';
import type { SumLeaf, SumTree } from '#lib/core/merkle-sum.ts';
import type { SealedEpoch } from './epoch.ts';

const NO_PATH = { index: 0n, siblings: [], sums: [] };
/** Placeholder where the Court does not read. */
const UNREAD: KeyEvidence = { key: 0n, amount: 0n, path: NO_PATH };

export const callEvidence = ({ calls, trees }: SealedEpoch, index: number): CallEvidence => {
  const { call, poolWei } = calls[index]!;
  return { call, pool: poolWei, path: trees.calls.path(index) };
};

export const shareEvidence = ({ calls, trees }: SealedEpoch, index: number, slot: number): ShareEvidence => {
  const { weight, ...share } = calls[index]!.shares[slot]!;
  return { share, weight, path: trees.shares[index]!.path(slot) };
};

export const UNREAD_SHARE: ShareEvidence = {
  share: { cluster: ZERO_HASH, account: '0x0000000000000000000000000000000000000000', row: 0, entry: 0 },
  weight: 0n,
  path: NO_PATH,
};

export const UNREAD_CALL: CallEvidence = {
  call: {
    callId: ZERO_HASH,
    model: 0n,
    version: 0,
    influenceRoot: ZERO_HASH,
    vectorHash: ZERO_HASH,
    threshold: 0n,
    cutoff: 0n,
    sharesRoot: ZERO_HASH,
    weightSum: 0n,
    count: 0,
  },
  pool: 0n,
  path: NO_PATH,
};

export const entryEvidence = ({ entries, trees }: SealedEpoch, index: number): EntryEvidence => {
  const { amountWei, ...place } = entries[index]!;
  return { ...place, amount: amountWei, path: trees.entries.path(index) };
};

export const rowEvidence = ({ rows, tree }: Influence, index: number): RowEvidence => {
  const { base, vector, ...row } = rows[index]!;
  return { row: { ...row, vector: vectorHex(vector) }, base, rows: rows.length, path: tree.path(index) };
};

export const lineageEvidence = ({ parent, refs }: Lineage): LineageEvidence => ({
  parent: packParent(parent),
  refs: refs.map(packDatanetRef),
});

/** A tree whose contents are numbers, with these numbers. */
export interface NumberTree {
  tree: SumTree;
  keys: readonly bigint[];
}

export const accountNumbers = (accounts: SealedEpoch['accounts'], tree: SumTree): NumberTree => ({
  tree,
  keys: accounts.map(({ account }) => BigInt(account)),
});

export const entryNumbers = ({ entries, trees }: SealedEpoch): NumberTree => ({
  tree: trees.entries,
  keys: entries.map(entryKey),
});

export const keyEvidence = ({ tree, keys }: NumberTree, index: number): KeyEvidence => ({
  key: keys[index]!,
  amount: tree.node(0, index).sum,
  path: tree.path(index),
});

/** The part of a tree with keys in [first, next): the edges before its first and after its last leaf. */
export function runEvidence(numbers: NumberTree, first: bigint, next: bigint): RunEvidence {
  const { keys } = numbers;
  const edge = (key: bigint) => {
    const found = keys.findIndex((one) => one >= key);
    const position = found === -1 ? keys.length : found;
    return {
      position: BigInt(position),
      left: position > 0 ? keyEvidence(numbers, position - 1) : UNREAD,
      right: position < keys.length ? keyEvidence(numbers, position) : UNREAD,
    };
  };
  return { start: edge(first), end: edge(next) };
}

/** A node and its preimage; `leaf` is needed at the bottom level only. */
export function nodeEvidence(
  tree: SumTree,
  level: number,
  index: number,
  leaf: (index: number) => SumLeaf,
): { node: NodeEvidence; opening: OpeningEvidence } {
  const node = { ...tree.node(level, index), path: tree.path(index, level) };
  if (level === 0) {
    const made = index < tree.count ? leaf(index) : { content: ZERO_HASH, amount: 0n };
    return { node, opening: { leaf: true, left: made.content, leftSum: made.amount, right: ZERO_HASH, rightSum: 0n } };
  }
  const [left, right] = [tree.node(level - 1, 2 * index), tree.node(level - 1, 2 * index + 1)];
  const opening = { leaf: false, left: left.hash, leftSum: left.sum, right: right.hash, rightSum: right.sum };
  return { node, opening };
}
