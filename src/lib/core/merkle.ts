// Merkle trees whose inner nodes are keccak256 of their sorted children, so that OpenZeppelin's MerkleProof verifies them;
// the layout is that of its StandardMerkleTree. It knows hashes; what a leaf says is the caller's business.

import { fromHex, toHex, uintBytes, type Hex } from './bytes.ts';
import { OutOfRangeError } from './errors.ts';
import { keccak256 } from './keccak.ts';

export interface MerkleTree {
  root: Hex;
  count: number;
  /** The nodes beside the way of leaf `index` (in the order given) to the root. */
  proof(index: number): Hex[];
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return 0;
}

const parentOf = (a: Uint8Array, b: Uint8Array): Uint8Array => (compare(a, b) < 0 ? keccak256(a, b) : keccak256(b, a));

/**
 * The leaf of a StandardMerkleTree over static Solidity values, each given as its 32 bytes. Hashed twice, so that an inner
 * node can never pass for a leaf.
 */
export const standardLeaf = (...words: readonly (bigint | Hex)[]): Hex =>
  toHex(keccak256(keccak256(...words.map((word) => uintBytes(BigInt(word), 32)))));

/** Builds over `leaves` (32 bytes each, at least one), which are sorted as StandardMerkleTree sorts them. */
export function buildMerkleTree(leaves: readonly Hex[]): MerkleTree {
  if (leaves.length === 0) throw new OutOfRangeError('A Merkle tree needs a leaf');
  const sorted = leaves
    .map((leaf, index) => ({ bytes: fromHex(leaf), index }))
    .sort((a, b) => compare(a.bytes, b.bytes));
  const size = 2 * leaves.length - 1;
  const nodes = new Array<Uint8Array>(size);
  const placeOf = new Array<number>(leaves.length);
  sorted.forEach(({ bytes, index }, rank) => {
    nodes[size - 1 - rank] = bytes;
    placeOf[index] = size - 1 - rank;
  });
  for (let at = size - 1 - leaves.length; at >= 0; at--) nodes[at] = parentOf(nodes[2 * at + 1]!, nodes[2 * at + 2]!);
  return {
    root: toHex(nodes[0]!),
    count: leaves.length,
    proof(index) {
      const start = placeOf[index];
      if (start === undefined) throw new OutOfRangeError(`Leaf ${index} lies outside a tree of ${leaves.length}`);
      const proof: Hex[] = [];
      for (let at = start; at > 0; at = (at - 1) >> 1) proof.push(toHex(nodes[at % 2 === 1 ? at + 1 : at - 1]!));
      return proof;
    },
  };
}

/**
 * Whether `leaf` stands under `root`.
 *
 * @library For verifiers; contracts use OpenZeppelin's.
 */
export const verifyMerkleProof = (root: Hex, leaf: Hex, proof: readonly Hex[]): boolean =>
  toHex(proof.reduce((node, sibling) => parentOf(node, fromHex(sibling)), fromHex(leaf))) === root.toLowerCase();
