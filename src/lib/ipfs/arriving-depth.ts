// Bounds the depth of a graph while its blocks arrive, so that an endless chain is refused before all of it is written. It counts in both
// directions, since a CAR may list parents first or leaves first. For a mixed order the depth counted here is a lower bound; `walkDag` is exact.

import type { CID } from 'multiformats/cid';
import type { Block } from '#lib/formats/block/block.ts';
import { TooLargeError } from './errors.ts';
import { linksOf, MAX_DEPTH, MAX_WAITING_LINKS } from './walk.ts';

export class ArrivingDepth {
  readonly #maxDepth: number;
  /** Links from a block that arrived down to one that has not. */
  readonly #awaited = new Map<string, number>();
  /** Links from a block down to the farthest one that arrived before it; leaves are left out. */
  readonly #heights = new Map<string, number>();

  constructor(maxDepth = MAX_DEPTH) {
    this.#maxDepth = maxDepth;
  }

  /** The links of `block`. @throws TooLargeError, FormatError */
  add(block: Block): CID[] {
    const key = block.cid.toString();
    const depth = this.#awaited.get(key) ?? 0;
    this.#awaited.delete(key);
    const links = linksOf(block);
    let height = 0;
    for (const link of links) {
      const below = link.toString();
      const known = this.#heights.get(below);
      height = Math.max(height, (known ?? 0) + 1);
      if (known === undefined) this.#awaited.set(below, Math.max(depth + 1, this.#awaited.get(below) ?? 0));
    }
    if (height > 0) this.#heights.set(key, height);
    if (depth + height > this.#maxDepth) throw new TooLargeError(`The graph is deeper than ${this.#maxDepth} links`);
    if (this.#awaited.size > MAX_WAITING_LINKS) throw new TooLargeError('The graph has too many links in long lists');
    return links;
  }
}
