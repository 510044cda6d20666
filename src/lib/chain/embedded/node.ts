// The embedded chain as a node: a queue of JSON-RPC requests over chain, clock and store, a stream of new heads, and export,
// import and reset of the whole chain. The host supplies `now` and `store`.

import { PayableError } from '#lib/core/errors.ts';
import { invalidParams, RPC_CODES, RpcFailure } from '../errors.ts';
import { encodeArchive, readArchive } from './archive.ts';
import type { HeaderRecord } from './block-record.ts';
import { createChain, type Chain } from './chain.ts';
import { createClock, type Clock } from './clock.ts';
import type { Genesis } from './genesis.ts';
import { createLatest } from './latest.ts';
import { createKeeper, reopenChain, type ChainStore } from './persist.ts';
import { readMethods } from './read-methods.ts';
import { writeMethods, type WriteContext } from './write-methods.ts';

export interface NodeHost {
  genesis: Genesis;
  store: ChainStore;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A JSON-RPC response without its envelope. */
export type RpcAnswer = { result: unknown } | { error: { code: number; message: string; data?: `0x${string}` } };

export type ImportEvent = { type: 'progress'; block: number } | { type: 'done'; head: HeaderRecord };

/** Confirmation needed to delete the chain. */
export const RESET_WORD = 'reset';

export interface EmbeddedNode {
  /** Never rejects: failures are part of the response. */
  request(method: unknown, params: unknown): Promise<RpcAnswer>;
  /** The current head and each new one, until `signal`. */
  heads(signal?: AbortSignal): AsyncIterable<HeaderRecord>;
  exportChain(): Promise<Uint8Array>;
  /** Replaces this chain by that of a file, after verifying every block. */
  importChain(file: Uint8Array, signal?: AbortSignal): AsyncIterable<ImportEvent>;
  /** Resets to genesis; `word` must be RESET_WORD. */
  reset(word: string): Promise<void>;
}

function answerOf(error: unknown): RpcAnswer {
  if (error instanceof RpcFailure) {
    const { rpcCode: code, message, data } = error;
    return { error: data === undefined ? { code, message } : { code, message, data } };
  }
  if (error instanceof PayableError) return { error: { code: RPC_CODES.refused, message: error.toLine() } };
  // A defect. Not -32603, because callers retry on that code.
  return { error: { code: RPC_CODES.refused, message: `internal error: ${String(error)}` } };
}

/** Opens the chain of `host`. If that fails, every request reports the reason, until reset or import. */
export function createNode({ genesis, store, now }: NodeHost): EmbeddedNode {
  const keeper = createKeeper(store, genesis);
  const heads = createLatest<HeaderRecord>();
  let lane: Promise<unknown> = Promise.resolve();
  const inLane = <T>(work: () => Promise<T>): Promise<T> => {
    const done = lane.then(work);
    lane = done.catch(() => undefined);
    return done;
  };

  interface Open {
    chain: Chain;
    clock: Clock;
  }
  const use = (chain: Chain): Open => {
    heads.put(chain.head().header);
    return { chain, clock: createClock(now, BigInt(chain.head().header.timestamp)) };
  };
  let open: Promise<Open> = inLane(async () => use(await reopenChain(store, genesis)));
  // Every caller receives the failure; without a caller it must not become an unhandled rejection.
  open.catch(() => undefined);

  const contextOf = ({ chain, clock }: Open): WriteContext => ({
    chain,
    clock,
    nextTimestamp: () => clock.next(BigInt(chain.head().header.timestamp)),
    async mine(raw, credits) {
      const timestamp = clock.next(BigInt(chain.head().header.timestamp));
      const block = await chain.mine({ timestamp, raw, credits }, (record) => keeper.keep(chain, record));
      clock.made(timestamp);
      heads.put(block.header);
      return block;
    },
    async revert(id) {
      const number = chain.snapshotBlock(id);
      if (number === undefined) return false;
      await keeper.rewind(number);
      await chain.revert(id);
      heads.put(chain.head().header);
      return true;
    },
  });

  const replaceWith = (chain: Chain) =>
    inLane(async () => {
      await keeper.replace(chain);
      open = Promise.resolve(use(chain));
    });

  return {
    async request(method, params) {
      try {
        const name = typeof method === 'string' && Object.hasOwn(methods, method) ? method : undefined;
        if (name === undefined) {
          throw new RpcFailure(RPC_CODES.unknownMethod, `the method ${String(method).slice(0, 80)} does not exist`);
        }
        if (params !== undefined && !Array.isArray(params)) throw invalidParams('params must be a list');
        const list: unknown[] = params ?? [];
        const result = await inLane(async () => methods[name]!(contextOf(await open), list));
        return { result };
      } catch (error) {
        return answerOf(error);
      }
    },
    heads: (signal) => heads.follow(signal),
    exportChain: () => inLane(async () => encodeArchive((await open).chain)),
    async *importChain(file, signal) {
      const progress = createLatest<number>();
      const reading = readArchive(file, genesis, {
        ...(signal ? { signal } : {}),
        onBlock: progress.put,
      }).finally(progress.end);
      // Its failure is thrown below, after the last progress event.
      reading.catch(() => undefined);
      for await (const block of progress.follow()) yield { type: 'progress', block };
      const chain = await reading;
      await replaceWith(chain);
      yield { type: 'done', head: chain.head().header };
    },
    async reset(word) {
      if (word !== RESET_WORD) throw invalidParams(`to reset the sandbox, say "${RESET_WORD}"`);
      await replaceWith(await createChain(genesis));
    },
  };
}

const methods = { ...readMethods, ...writeMethods };
