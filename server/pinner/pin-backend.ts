// The interface of a pinner's block storage: Helia in this process, Kubo, or an IPFS Cluster. Types only.

import type { CID } from 'multiformats/cid';
import type { Block } from '#lib/formats/block/block.ts';

export interface Kept {
  blocks: number;
  bytes: number;
}

export interface PinTask {
  /** Multiaddresses of providers, from the request. */
  origins: readonly string[];
  /** Called with the bytes of the graph that have arrived. @throws TooLargeError when they exceed the limit */
  arrive(kept: Kept): void;
  signal: AbortSignal;
}

export interface PinBackend {
  readonly name: string;
  /**
   * Fetches the whole graph and pins it. Callable again after a restart; a graph that is pinned already is no error.
   *
   * @throws BlockMissingError when no provider has it now (the queue retries), TooLargeError; any other error is final
   */
  pin(root: CID, task: PinTask): Promise<Kept>;
  /** Unpins; unknown roots are no error. */
  unpin(root: CID): Promise<void>;
  /** Imports and pins a graph whose blocks the caller has hashed. An incomplete graph is refused. */
  take(root: CID, blocks: AsyncIterable<Block>, task: PinTask): Promise<Kept>;
  /** Whether a pin holds the block. Blocks without a pin may be stored for a while: arriving, or not yet collected. */
  holds(cid: CID): Promise<boolean>;
  /** A stored block; never uses the network. @throws BlockMissingError */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
  /** Multiaddresses that providers may connect to. */
  delegates(): Promise<string[]>;
  /** Whether the last process was interrupted, so that blocks without a pin may be stored. */
  readonly isUntidy: boolean;
  /** Removes blocks without a pin. Only called while no other operation runs. */
  tidy(): Promise<void>;
  /** Called once every written block is pinned or removed. */
  settle(): Promise<void>;
  dispose(): Promise<void>;
}
