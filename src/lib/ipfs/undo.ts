// Writing that can be taken back: remembers which blocks were not there before, and removes them when the whole fails.

import { BaseBlockstore } from 'blockstore-core';
import type { InputPair } from 'interface-blockstore';
import type { CID } from 'multiformats/cid';
import type { IpfsNode } from './node.ts';

export class Undoable extends BaseBlockstore {
  readonly #node: IpfsNode;
  readonly #added = new Map<string, CID>();

  constructor(node: IpfsNode) {
    super();
    this.#node = node;
  }

  override async put(cid: CID, bytes: InputPair['bytes'], options?: { signal?: AbortSignal }): Promise<CID> {
    if (await this.#node.blocks.has(cid, options)) return cid;
    await this.#node.blocks.put(cid, bytes, options);
    this.#added.set(cid.toString(), cid);
    return cid;
  }

  /** Blocks that were new to this device. */
  get added(): number {
    return this.#added.size;
  }

  /** Removes what was new, but for what is pinned meanwhile and what `wanted` says yes to. */
  async takeBack(wanted: (cid: CID) => boolean = () => false): Promise<void> {
    for (const [key, cid] of this.#added) {
      if (wanted(cid)) continue;
      if (!(await this.#node.helia.pins.isPinned(cid))) await this.#node.blocks.delete(cid);
      this.#added.delete(key);
    }
  }
}

/** Runs `write`; when it fails, nothing of it stays. */
export async function allOrNothing<T>(node: IpfsNode, write: (blocks: Undoable) => Promise<T>): Promise<T> {
  const blocks = new Undoable(node);
  try {
    return await write(blocks);
  } catch (error) {
    // Deleting needs no room; should it fail, the first error says more.
    await blocks.takeBack().catch(() => undefined);
    throw error;
  }
}
