// Persists the chain: every block is stored before it becomes the head, with the whole state every 50 blocks. Defines what must
// be atomic; the shell implements it with IndexedDB.

import type { Hex } from 'viem';
import { ChainStorageError, OtherGenesisError } from '../errors.ts';
import type { BlockRecord } from './block-record.ts';
import { createChain, type Chain, type KeptChain, type ReplayOptions, type StateSnapshot } from './chain.ts';
import { genesisBlock, type Genesis } from './genesis.ts';
import { dumpState } from './state-dump.ts';

/** Blocks between two stored states: at most this many run again at start. */
export const SNAPSHOT_EVERY = 50;

/** Stores blocks. Every method is atomic, and rejects when it changed nothing. */
export interface ChainStore {
  /** The stored blocks in order; `genesis` is null when the store is empty. */
  load(): Promise<KeptChain & { genesis: Hex | null }>;
  /** Stores `block` at its number, replacing one whose storing seemed to fail. */
  append(block: BlockRecord, snapshot: StateSnapshot | null): Promise<void>;
  /** Drops blocks after `number`, and any state stored after it. */
  rewind(number: number): Promise<void>;
  /** Replaces the stored chain. */
  replace(genesis: Hex, kept: KeptChain): Promise<void>;
}

/** A store in memory. */
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
  /** Stores one block; for `Chain.mine`. */
  keep(chain: Chain, block: BlockRecord): Promise<void>;
  rewind(number: number): Promise<void>;
  /** Replaces the stored blocks and state by those of `chain`. */
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

/** The stored chain: from the last stored state, with later blocks run again. */
export async function reopenChain(store: ChainStore, genesis: Genesis, options?: ReplayOptions): Promise<Chain> {
  const shipped = genesisBlock(genesis).header.hash;
  const kept = await storing(store.load());
  if (kept.genesis === null) await storing(store.replace(shipped, { blocks: [], snapshot: null }));
  else if (kept.genesis !== shipped) throw new OtherGenesisError(kept.genesis, shipped);
  return createChain(genesis, kept, options);
}
