// Writing that can be taken back: remembers which blocks were not there before, and removes them when the whole fails. Writers
// at the same time may bring the same block; it goes only when the last of them has failed.

import { BaseBlockstore } from 'blockstore-core';
import type { InputPair } from 'interface-blockstore';
import type { CID } from 'multiformats/cid';
import type { IpfsNode } from './node.ts';

/** What the writers under way have to do with one block. */
export interface Claim {
  writers: number;
  /** One of them wrote it, and none has finished with it yet. */
  isNew: boolean;
  /** Set while the last writer removes it. */
  removal?: Promise<void>;
}

export class Undoable extends BaseBlockstore {
  readonly #node: IpfsNode;
  /** With whether it was written here. */
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

  /** Ends the writing: what was not taken back stays. */
  keep(): void {
    for (const key of this.#claimed.keys()) {
      const claim = this.#node.claims.get(key)!;
      claim.isNew = false;
      this.#leave(key, claim);
    }
  }

  /** Removes what was new, but for what is pinned, what another writer still brings, and what `wanted` says yes to. */
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

/** Runs `write`; when it fails, nothing of it stays. */
export async function allOrNothing<T>(node: IpfsNode, write: (blocks: Undoable) => Promise<T>): Promise<T> {
  const blocks = new Undoable(node);
  try {
    return await write(blocks);
  } catch (error) {
    // Deleting needs no room; should it fail, the first error says more.
    await blocks.takeBack().catch(() => undefined);
    throw error;
  } finally {
    blocks.keep();
  }
}
