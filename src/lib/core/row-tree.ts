// The Merkle tree over the rows of a Datanet: leaves in the order given, inner nodes keccak256 of the sorted pair, a node
// without a neighbour moves up as it is. OpenZeppelin's MerkleProof verifies its proofs. Unlike `merkle.ts` it is built
// from a stream, holding one node a level. A leaf is a sha256, so that no inner node can pass for one.

import { fromHex, toHex, type Hex } from './bytes.ts';
import type { Digester } from './digester.ts';
import { OutOfRangeError } from './errors.ts';
import { keccak256 } from './keccak.ts';

type Keccak = Digester['keccak256'];

export interface RowTree {
  /** Takes the next leaf, 32 bytes. They are copied: a view of a large buffer does not keep it alive. */
  add(leaf: Uint8Array): void;
  readonly count: number;
  /** Of all leaves so far; at least one. */
  root(): Uint8Array;
}

function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < 32; at++) if (a[at] !== b[at]) return a[at]! < b[at]!;
  return false;
}

/** The node above two others. `pair` are 64 bytes to work in. */
function join(a: Uint8Array, b: Uint8Array, keccak: Keccak, pair: Uint8Array): Uint8Array {
  const ordered = isBefore(a, b);
  pair.set(ordered ? a : b, 0);
  pair.set(ordered ? b : a, 32);
  return keccak(pair);
}

export function createRowTree({ keccak256: keccak }: Pick<Digester, 'keccak256'>): RowTree {
  const pair = new Uint8Array(64);
  const waiting = new Uint8Array(32);
  // Complete subtrees from left to right; `pending[level]` waits for its right neighbour.
  const pending: (Uint8Array | undefined)[] = [];
  let count = 0;
  return {
    add(leaf) {
      let node = leaf;
      let level = 0;
      for (; pending[level]; level++) {
        node = join(pending[level]!, node, keccak, pair);
        pending[level] = undefined;
      }
      if (level === 0) waiting.set(leaf);
      pending[level] = level === 0 ? waiting : node;
      count++;
    },
    get count() {
      return count;
    },
    root() {
      let node: Uint8Array | undefined;
      for (const left of pending) if (left) node = node ? join(left, node, keccak, pair) : left;
      if (!node) throw new OutOfRangeError('A tree needs a leaf');
      return node === waiting ? waiting.slice() : node;
    },
  };
}

/** The nodes beside the way of leaf `index` to the root, from the leaf upwards. */
export function rowProof(
  leaves: readonly Uint8Array[],
  index: number,
  { keccak256: keccak }: Pick<Digester, 'keccak256'>,
): Hex[] {
  if (!(index >= 0 && index < leaves.length)) {
    throw new OutOfRangeError(`Leaf ${index} lies outside a tree of ${leaves.length}`);
  }
  const pair = new Uint8Array(64);
  const siblings: Hex[] = [];
  let [level, at] = [leaves, index];
  while (level.length > 1) {
    const beside = level[at ^ 1];
    if (beside) siblings.push(toHex(beside));
    const below = level;
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => {
      const right = below[2 * i + 1];
      return right ? join(below[2 * i]!, right, keccak, pair) : below[2 * i]!;
    });
    at >>= 1;
  }
  return siblings;
}

/** Whether `leaf` stands under `root`, the way OpenZeppelin's `MerkleProof.verify` decides it. */
export function verifyRowProof(root: Hex, leaf: Hex, siblings: readonly Hex[]): boolean {
  const pair = new Uint8Array(64);
  const top = siblings.reduce((node, sibling) => join(node, fromHex(sibling), keccak256, pair), fromHex(leaf));
  return toHex(top) === root.toLowerCase();
}
