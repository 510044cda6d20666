// Merkle trees with places, byte for byte those of contracts/src/attribution/lib/Merkle.sol: a leaf has a place, the depth follows
// from the number of leaves, and what is missing on the right is zeros. It knows hashes; what a leaf says is the caller's business.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { TAG } from './hash-tags.ts';

export interface PlaceTree {
  /** Zero over no leaves. */
  root: Hex;
  count: number;
  /** The nodes beside the way of leaf `index` to the root, from the leaf upwards. */
  path(index: number): Hex[];
}

const EMPTY: Uint8Array = new Uint8Array(32);

/** A reused buffer: trees are made of these, and nothing keeps a reference to it. */
const pair = new Uint8Array(65);
pair[0] = TAG.node;

function parentOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 33);
  return keccak256(pair);
}

/** The node of a leaf: `keccak256(tag | content)`. */
export const placeLeaf = (tag: number, content: Uint8Array): Uint8Array => keccak256(Uint8Array.of(tag), content);

/** Builds over the nodes of leaves, 32 bytes each. */
export function buildPlaceTree(leaves: readonly Uint8Array[]): PlaceTree {
  const levels = [leaves];
  for (let below = leaves; below.length > 1; levels.push(below)) {
    const children = below;
    below = Array.from({ length: Math.ceil(children.length / 2) }, (_, at) =>
      parentOf(children[2 * at]!, children[2 * at + 1] ?? EMPTY),
    );
  }
  return {
    root: toHex(levels.at(-1)![0] ?? EMPTY),
    count: leaves.length,
    path(index) {
      if (!(index >= 0 && index < leaves.length)) {
        throw new OutOfRangeError(`Leaf ${index} lies outside a tree of ${leaves.length}`);
      }
      return levels.slice(0, -1).map((level, up) => toHex(level[Math.floor(index / 2 ** up) ^ 1] ?? EMPTY));
    },
  };
}
