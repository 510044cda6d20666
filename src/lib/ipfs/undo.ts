// Writes that can be undone: remembers which blocks are new, and removes them when the operation fails. Concurrent writers may bring the
// same block; it is removed only when the last of them has failed.

import { BaseBlockstore } from 'blockstore-core';
import type { InputPair } from 'interface-blockstore';
import type { CID } from 'multiformats/cid';
import type { IpfsNode } from './node.ts';

/** How the unfinished writers relate to one block. */
export interface Claim {
  writers: number;
  /** One of them wrote it, and none has finished yet. */
  isNew: boolean;
  /** Set while the last writer removes it. */
  removal?: Promise<void>;
}

export class Undoable extends BaseBlockstore {
  readonly #node: IpfsNode;
  /** The value says whether this writer wrote the block. */
  readonly #claimed = new Map<string, { cid: CID; isWritten: boolean }>();
  #added = 0;

  constructor(node: IpfsNode) {
    super();
    this.#node = node;
  }

  override async put(cid: CID, bytes: InputPair['bytes'], options?: { signal?: AbortSignal }): Promise<CID> {
    const claim = await this.#claim(cid);
    if (await this.#node.blocks.has(cid, options)) return cid;
    claim.isNew = true;
    await this.#node.blocks.put(cid, bytes, options);
    this.#claimed.get(cid.toString())!.isWritten = true;
    this.#added++;
    return cid;
  }

  /** Blocks that were new to this device. */
  get added(): number {
    return this.#added;
  }

  /** Ends the operation; its blocks stay. */
  keep(): void {
    for (const key of this.#claimed.keys()) {
      const claim = this.#node.claims.get(key)!;
      claim.isNew = false;
      this.#leave(key, claim);
    }
  }

  /** Removes new blocks, except those that are pinned, that another writer still brings, or that `wanted` accepts. */
  async takeBack(wanted: (cid: CID) => boolean = () => false): Promise<void> {
    for (const [key, { cid, isWritten }] of this.#claimed) {
      if (wanted(cid)) continue;
      const claim = this.#node.claims.get(key)!;
      if (isWritten) this.#added--;
      if (claim.isNew && claim.writers === 1) {
        claim.removal = this.#remove(cid);
        await claim.removal.finally(() => this.#leave(key, claim));
      } else this.#leave(key, claim);
    }
  }

  async #remove(cid: CID): Promise<void> {
    if (!(await this.#node.helia.pins.isPinned(cid))) await this.#node.blocks.delete(cid);
  }

  async #claim(cid: CID): Promise<Claim> {
    const key = cid.toString();
    const { claims } = this.#node;
    for (let held = claims.get(key); held?.removal; held = claims.get(key)) await held.removal.catch(() => undefined);
    const claim = claims.get(key) ?? { writers: 0, isNew: false };
    claims.set(key, claim);
    if (!this.#claimed.has(key)) {
      this.#claimed.set(key, { cid, isWritten: false });
      claim.writers++;
    }
    return claim;
  }

  #leave(key: string, claim: Claim): void {
    this.#claimed.delete(key);
    if (--claim.writers === 0) this.#node.claims.delete(key);
  }
}

/** Runs `write`; on failure removes its blocks. */
export async function allOrNothing<T>(node: IpfsNode, write: (blocks: Undoable) => Promise<T>): Promise<T> {
  const blocks = new Undoable(node);
  try {
    return await write(blocks);
  } catch (error) {
    // Deleting needs no room; if it fails too, the first error says more.
    await blocks.takeBack().catch(() => undefined);
    throw error;
  } finally {
    blocks.keep();
  }
}
