// How the chain outlives its process: every block is kept before it counts, with the whole state every 50 blocks.
// It knows what must be atomic; the shell knows IndexedDB.

import type { Hex } from 'viem';
import { ChainStorageError, OtherGenesisError } from '../errors.ts';
import type { BlockRecord } from './block-record.ts';
import { createChain, type Chain, type KeptChain, type ReplayOptions, type StateSnapshot } from './chain.ts';
import { genesisBlock, type Genesis } from './genesis.ts';
import { dumpState } from './state-dump.ts';

/** Blocks between two kept states: at most this many are run again at start. */
export const SNAPSHOT_EVERY = 50;

/** Where blocks lie. Every method happens wholly or not at all, and rejects when it did not. */
export interface ChainStore {
  /** What is kept, blocks in order; `genesis` is null when nothing ever was. */
  load(): Promise<KeptChain & { genesis: Hex | null }>;
  /** Keeps `block` at its number, in place of one whose keeping had seemed to fail. */
  append(block: BlockRecord, snapshot: StateSnapshot | null): Promise<void>;
  /** Drops blocks after `number`, and the state kept after it. */
  rewind(number: number): Promise<void>;
  /** Puts another chain in place of this one. */
  replace(genesis: Hex, kept: KeptChain): Promise<void>;
}

/** A store that forgets with the process. */
export function createMemoryStore(): ChainStore {
  let genesis: Hex | null = null;
  let blocks: BlockRecord[] = [];
  let snapshot: StateSnapshot | null = null;
  return {
    load: async () => structuredClone({ genesis, blocks, snapshot }),
    async append(block, state) {
      blocks.splice(Number(block.header.number) - 1, Infinity, structuredClone(block));
      snapshot = state ?? snapshot;
    },
    async rewind(number) {
      blocks.splice(number);
      if (snapshot && snapshot.number > number) snapshot = null;
    },
    async replace(hash, kept) {
      genesis = hash;
      ({ blocks, snapshot } = structuredClone(kept));
    },
  };
}

async function storing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new ChainStorageError(cause);
  }
}

export interface Keeper {
  /** Keeps one block; for `Chain.mine`. */
  keep(chain: Chain, block: BlockRecord): Promise<void>;
  rewind(number: number): Promise<void>;
  /** Keeps `chain`'s blocks and state instead of what was kept. */
  replace(chain: Chain): Promise<void>;
}

export function createKeeper(store: ChainStore, genesis: Genesis): Keeper {
  return {
    keep(chain, block) {
      const number = Number(block.header.number);
      const snapshot = number % SNAPSHOT_EVERY === 0 ? { number, accounts: dumpState(chain.state) } : null;
      return storing(store.append(block, snapshot));
    },
    rewind: (number) => storing(store.rewind(number)),
    replace(chain) {
      const blocks = Array.from({ length: chain.length() - 1 }, (_, at) => chain.block(at + 1)!);
      const snapshot = blocks.length > 0 ? chain.dump() : null;
      return storing(store.replace(genesisBlock(genesis).header.hash, { blocks, snapshot }));
    },
  };
}

/** The chain as it was left: from the last kept state, with the blocks after it run again. */
export async function reopenChain(store: ChainStore, genesis: Genesis, options?: ReplayOptions): Promise<Chain> {
  const shipped = genesisBlock(genesis).header.hash;
  const kept = await storing(store.load());
  if (kept.genesis === null) await storing(store.replace(shipped, { blocks: [], snapshot: null }));
  else if (kept.genesis !== shipped) throw new OtherGenesisError(kept.genesis, shipped);
  return createChain(genesis, kept, options);
}
