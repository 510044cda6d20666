// Merkle-sum trees, byte for byte those of contracts/src/attribution/lib/SumMerkle.sol: every node commits the sum below
// it, so that leaves can never be worth more than the total. It knows hashes and sums; contents are the caller's business.

import { sizedBytes, toHex, uintBytes, type Hex } from './bytes.ts';
import { OutOfRangeError } from './errors.ts';
import { keccak256 } from './keccak.ts';

export interface SumLeaf {
  /** 32 bytes. */
  content: Hex;
  amount: bigint;
}

export interface SumNode {
  /** Zero for an empty place. */
  hash: Hex;
  sum: bigint;
}

/** The way of a node up to its root; the shape is that of the Court's `Path`. */
export interface SumPath {
  /** Position within the node's level, from the left. */
  index: bigint;
  siblings: Hex[];
  sums: bigint[];
}

export interface SumTree {
  root: Hex;
  total: bigint;
  count: number;
  /** Levels above the leaves. */
  depth: number;
  /** A node; level 0 are the leaves. */
  node(level: number, index: number): SumNode;
  /** The way up from a node, by default a leaf. */
  path(index: number, level?: number): SumPath;
}

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);
const EMPTY: Uint8Array = new Uint8Array(32);
const SUM_BYTES = 16;

const leafBytes = ({ content, amount }: SumLeaf): Uint8Array =>
  keccak256(LEAF, sizedBytes(content, 32), uintBytes(amount, SUM_BYTES));

const innerBytes = (left: Uint8Array, leftSum: bigint, right: Uint8Array, rightSum: bigint): Uint8Array =>
  keccak256(INNER, left, uintBytes(leftSum, SUM_BYTES), right, uintBytes(rightSum, SUM_BYTES));

/** The least d with 2^d >= count. */
export function sumTreeDepth(count: number): number {
  let depth = 0;
  while (2 ** depth < count) depth++;
  return depth;
}

/** No leaf has the root zero; one is its own root. `places` beyond the leaves are empty and count for the depth. */
export function buildSumTree(leaves: readonly SumLeaf[], places = leaves.length): SumTree {
  const depth = sumTreeDepth(Math.max(places, leaves.length));
  // Only what is not empty is kept: the rest of a level is zeros.
  let hashes = leaves.map(leafBytes);
  let sums = leaves.map(({ amount }) => amount);
  const levels = [{ hashes, sums }];
  for (let level = 0; level < depth; level++) {
    const [below, worth] = [hashes, sums];
    const half = Math.ceil(below.length / 2);
    sums = Array.from({ length: half }, (_, at) => worth[2 * at]! + (worth[2 * at + 1] ?? 0n));
    hashes = Array.from({ length: half }, (_, at) =>
      innerBytes(below[2 * at]!, worth[2 * at]!, below[2 * at + 1] ?? EMPTY, worth[2 * at + 1] ?? 0n),
    );
    levels.push({ hashes, sums });
  }
  const node = (level: number, index: number): SumNode => {
    const kept = levels[level];
    if (!kept || index < 0 || index >= 2 ** (depth - level)) {
      throw new OutOfRangeError(`Node ${index} of level ${level} lies outside a tree of ${leaves.length} leaves`);
    }
    return { hash: toHex(kept.hashes[index] ?? EMPTY), sum: kept.sums[index] ?? 0n };
  };
  const top = node(depth, 0);
  // What is above fits when the total does.
  uintBytes(top.sum, SUM_BYTES);
  return {
    root: top.hash,
    total: top.sum,
    count: leaves.length,
    depth,
    node,
    path(index, level = 0) {
      node(level, index);
      const beside = Array.from({ length: depth - level }, (_, up) =>
        node(level + up, Math.floor(index / 2 ** up) ^ 1),
      );
      return {
        index: BigInt(index),
        siblings: beside.map(({ hash }) => hash),
        sums: beside.map(({ sum }) => sum),
      };
    },
  };
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** Follows a path upwards. `before` is the sum of everything to the left of the node. */
export function foldSumPath(node: SumNode, { index, siblings, sums }: SumPath): SumNode & { before: bigint } {
  if (siblings.length !== sums.length) {
    throw new OutOfRangeError(`A path with ${siblings.length} hashes and ${sums.length} sums is none`);
  }
  if (index < 0n || index >> BigInt(siblings.length) !== 0n) {
    throw new OutOfRangeError(`Place ${index} lies outside a tree of ${siblings.length} levels`);
  }
  let hash = sizedBytes(node.hash, 32);
  let { sum } = node;
  let before = 0n;
  siblings.forEach((sibling, level) => {
    const beside = sizedBytes(sibling, 32);
    const besideSum = sums[level]!;
    const isRight = (index >> BigInt(level)) & 1n;
    if (isRight) before += besideSum;
    // The parent of two empty nodes is empty.
    if (sum === 0n && besideSum === 0n && isZero(hash) && isZero(beside)) return;
    hash = isRight ? innerBytes(beside, besideSum, hash, sum) : innerBytes(hash, sum, beside, besideSum);
    sum += besideSum;
  });
  uintBytes(sum, SUM_BYTES);
  return { hash: toHex(hash), sum, before };
}

/** The node of a leaf. */
export const sumLeafNode = (leaf: SumLeaf): SumNode => ({ hash: toHex(leafBytes(leaf)), sum: leaf.amount });

/**
 * Whether `leaf` stands at the end of `path` in the tree `root`, whose leaves add up to `total`.
 *
 * @library For verifiers of receipts.
 */
export function verifySumLeaf(root: Hex, total: bigint, leaf: SumLeaf, path: SumPath): boolean {
  const top = foldSumPath(sumLeafNode(leaf), path);
  return top.hash === root.toLowerCase() && top.sum === total;
}
