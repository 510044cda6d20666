// Accounts for disk space: pinned graphs, arriving graphs, unpinned blocks that are not removed yet. Arriving bytes
// count at once, so that unfinished graphs cannot exceed the quota either.

import type { Address } from 'viem';
import { TooLargeError } from '#lib/ipfs/errors.ts';
import type { Kept } from './pin-backend.ts';

export interface RoomQuotas {
  /** Most bytes of disk per wallet; a graph pinned twice counts once. */
  walletBytes: number;
  /** Most bytes of disk of all wallets together. */
  totalBytes: number;
}

interface Holder {
  id: string;
  owner: Address;
  cid: string;
}

/**
 * Overhead of a block on disk, in bytes: the rest of its last sector, its directory entry, its entries in the database
 * of pins.
 */
const BLOCK_OVERHEAD_BYTES = 4096;

/** Bytes of disk that a graph takes. */
export const diskBytes = ({ blocks, bytes }: Kept): number => bytes + blocks * BLOCK_OVERHEAD_BYTES;

/** Sizes of graphs, each counted once however often it is held. */
class Graphs {
  readonly #held = new Map<string, { holders: number; size: number }>();
  size = 0;

  add(cid: string, size: number): void {
    const graph = this.#held.get(cid) ?? { holders: 0, size };
    if (graph.holders++ === 0) this.size += size;
    this.#held.set(cid, graph);
  }

  remove(cid: string): void {
    const graph = this.#held.get(cid);
    if (!graph || --graph.holders > 0) return;
    this.#held.delete(cid);
    this.size -= graph.size;
  }

  /** Without the graph `cid`. */
  others(cid: string): number {
    return this.size - (this.#held.get(cid)?.size ?? 0);
  }
}

export class Room {
  readonly #quotas: RoomQuotas;
  readonly #all = new Graphs();
  readonly #wallets = new Map<Address, Graphs>();
  readonly #arriving = new Map<string, { owner: Address; size: number }>();
  #arrivingSize = 0;
  #garbageSize = 0;

  constructor(quotas: RoomQuotas) {
    this.#quotas = quotas;
  }

  pin({ owner, cid }: Holder, kept: Kept): void {
    const size = diskBytes(kept);
    this.#all.add(cid, size);
    this.#walletOf(owner).add(cid, size);
  }

  unpin({ owner, cid }: Holder): void {
    this.#all.remove(cid);
    this.#walletOf(owner).remove(cid);
  }

  /** Updates the bytes of a graph that have arrived. @throws TooLargeError when they exceed the quota */
  arrive({ id, owner, cid }: Holder, kept: Kept): void {
    const before = this.#arriving.get(id)?.size ?? 0;
    // A retry starts at zero while the blocks of earlier attempts are still stored.
    const size = Math.max(before, diskBytes(kept));
    if (size === before) return;
    const free = this.left(owner, cid) + before;
    if (size > free) {
      throw new TooLargeError(`The graph does not fit: it may take ${free} bytes more of disk here, and has ${size}`);
    }
    this.#arriving.set(id, { owner, size });
    this.#arrivingSize += size - before;
  }

  /** Ends the arrival of a graph. Returns the bytes it took so far. */
  leave({ id }: Holder): number {
    const size = this.#arriving.get(id)?.size ?? 0;
    this.#arriving.delete(id);
    this.#arrivingSize -= size;
    return size;
  }

  addGarbage(size: number): void {
    this.#garbageSize += size;
  }

  /** Bytes unpinned since the last call. */
  get garbageBytes(): number {
    return this.#garbageSize;
  }

  tidied(): void {
    this.#garbageSize = 0;
  }

  /** Bytes of disk a graph of `owner` may still take; `cid` itself is not counted. */
  left(owner: Address, cid: string): number {
    const { walletBytes, totalBytes } = this.#quotas;
    const wallet = walletBytes - this.#walletOf(owner).others(cid) - this.#arrivingOf(owner);
    const total = totalBytes - this.#all.others(cid) - this.#arrivingSize - this.#garbageSize;
    return Math.max(0, Math.min(wallet, total));
  }

  /** Bytes of disk that pins of `owner` take. */
  taken(owner: Address): number {
    return this.#walletOf(owner).size;
  }

  #walletOf(owner: Address): Graphs {
    const graphs = this.#wallets.get(owner) ?? new Graphs();
    this.#wallets.set(owner, graphs);
    return graphs;
  }

  #arrivingOf(owner: Address): number {
    let size = 0;
    for (const one of this.#arriving.values()) if (one.owner === owner) size += one.size;
    return size;
  }
}
