// Who keeps the blocks of a pinner: its own Helia, a Kubo, an IPFS Cluster. Types only.

import type { CID } from 'multiformats/cid';
import type { Block } from '#lib/formats/block/block.ts';

export interface Kept {
  blocks: number;
  bytes: number;
}

export interface PinTask {
  /** Multiaddresses of who has the blocks, from the request. */
  origins: readonly string[];
  /** To be told what of the graph is here. @throws TooLargeError when that is more than may be kept */
  arrive(kept: Kept): void;
  signal: AbortSignal;
}

export interface PinBackend {
  readonly name: string;
  /**
   * Gets the whole graph and keeps it. To be called again after a restart; what is kept already is no error.
   *
   * @throws BlockMissingError when nobody has it now (it is tried again), TooLargeError, any other for good
   */
  pin(root: CID, task: PinTask): Promise<Kept>;
  /** Lets go; unknown roots are no error. */
  unpin(root: CID): Promise<void>;
  /** Takes in a graph whose blocks were hashed one by one by whoever calls, and keeps it. Complete or refused. */
  take(root: CID, blocks: AsyncIterable<Block>, task: PinTask): Promise<Kept>;
  /** Whether a pin holds the block. Others may lie here for a while: they are arriving, or were let go. */
  holds(cid: CID): Promise<boolean>;
  /** A block that is here; the network is not asked. @throws BlockMissingError */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
  /** Multiaddresses whoever has the blocks may connect to. */
  delegates(): Promise<string[]>;
  /** Whether the last process ended in the middle of something, so that blocks may lie here that no pin holds. */
  readonly isUntidy: boolean;
  /** Removes what no pin holds. Only called while nothing is under way. */
  tidy(): Promise<void>;
  /** All that was written is pinned or removed. */
  settle(): Promise<void>;
  dispose(): Promise<void>;
}
