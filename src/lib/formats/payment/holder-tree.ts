// The tree over one holder's rows, built from a stream in bounded memory: equal to `buildHolderRows`, but without paths.

import type { Digester } from '#lib/core/digester.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';
import { TAG } from './hash-tags.ts';

export interface HolderTree {
  /** Takes the sha256 of the next row. */
  add(rowLeaf: Uint8Array): void;
  readonly count: number;
  /** Of all rows so far; at least one. */
  root(): Uint8Array;
}

export function createHolderTree({ keccak256 }: Pick<Digester, 'keccak256'>): HolderTree {
  const leaf = new Uint8Array(33);
  leaf[0] = TAG.row;
  const pair = new Uint8Array(65);
  pair[0] = TAG.node;
  /** The node above two others; a missing right one is zeros. */
  const join = (left: Uint8Array, right?: Uint8Array): Uint8Array => {
    pair.set(left, 1);
    if (right) pair.set(right, 33);
    else pair.fill(0, 33);
    return keccak256(pair);
  };
  // Complete subtrees from left to right; `pending[level]` waits for its right neighbour.
  const pending: (Uint8Array | undefined)[] = [];
  let count = 0;
  return {
    add(rowLeaf) {
      leaf.set(rowLeaf, 1);
      let node = keccak256(leaf);
      let level = 0;
      for (; pending[level]; level++) {
        node = join(pending[level]!, node);
        pending[level] = undefined;
      }
      pending[level] = node;
      count++;
    },
    get count() {
      return count;
    },
    root() {
      const top = pending.at(-1);
      if (!top) throw new OutOfRangeError('A tree needs a leaf');
      let node: Uint8Array | undefined;
      for (const left of pending.slice(0, -1)) {
        if (left) node = node ? join(left, node) : join(left);
        else if (node) node = join(node);
      }
      return node ? join(top, node) : top;
    },
  };
}
