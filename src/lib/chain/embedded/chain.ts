// The chain: a state, its blocks, and the method that adds a block. A block runs inside a checkpoint, is stored by `keep`, and
// only then becomes the head; if either step fails, nothing changes. The caller makes one call at a time.

import { createVM, type VM } from '@ethereumjs/vm';
import { hexToBytes } from '@ethereumjs/util';
import type { Hex } from 'viem';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { refused, ReplayError } from '../errors.ts';
import type { BlockRecord, LogRecord, ReceiptRecord, TransactionRecord } from './block-record.ts';
import { executeBlock, inputOf, type BlockInput } from './execute-block.ts';
import { genesisBlock, type Genesis } from './genesis.ts';
import { createRules } from './rules.ts';
import { dumpState, digestDump, loadState, type AccountDump } from './state-dump.ts';
import type { JournaledState } from './state.ts';

/** The state after block `number`. */
export interface StateSnapshot {
  number: number;
  accounts: AccountDump[];
}

export interface Chain {
  readonly chainId: number;
  readonly state: JournaledState;
  head(): BlockRecord;
  length(): number;
  /** By number or by hash. */
  block(id: number | Hex): BlockRecord | undefined;
  transaction(hash: Hex): TransactionRecord | undefined;
  receipt(hash: Hex): ReceiptRecord | undefined;
  /** Logs of blocks `from` to `to`, both included, in order. */
  logs(from: number, to: number): Iterable<LogRecord>;
  /** Runs a block and adds it after `keep` has stored it. */
  mine(input: BlockInput, keep: (block: BlockRecord) => Promise<void>): Promise<BlockRecord>;
  /** Runs `work` on the head's state and reverts its changes. */
  undone<T>(work: (vm: VM) => Promise<T>): Promise<T>;
  /** Marks the current state; returns an id for `revert`. */
  snapshot(): number;
  /** The block at which a mark was set, or undefined without such a mark. */
  snapshotBlock(id: number): number | undefined;
  /** Returns to a mark, dropping it and every later one. */
  revert(id: number): Promise<void>;
  dump(): StateSnapshot;
  /** sha256 of the whole state; equal on every machine that ran the same blocks. */
  digest(): Hex;
}

export interface KeptChain {
  /** From block 1, without gaps. */
  blocks: BlockRecord[];
  snapshot: StateSnapshot | null;
}

/** Describes why the interpreter failed. A contract can cause this only by using an unsupported feature. */
function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.includes('kzg not initialized')
    ? 'the point evaluation precompile (0x0a) is not here: the sandbox has no blobs'
    : `the EVM stopped: ${message}`;
}

export interface ReplayOptions {
  signal?: AbortSignal;
  /** Called with the number of each replayed block. */
  onBlock?: (number: number) => void;
}

/**
 * Rebuilds the chain from stored blocks: blocks covered by a snapshot are linked by hash; later ones run again and must give the
 * same hashes. Without a snapshot all blocks run, which verifies the whole chain.
 */
export async function createChain(
  genesis: Genesis,
  kept: KeptChain = { blocks: [], snapshot: null },
  { signal, onBlock }: ReplayOptions = {},
): Promise<Chain> {
  const blocks: BlockRecord[] = [genesisBlock(genesis)];
  const numbers = new Map<Hex, number>([[blocks[0]!.header.hash, 0]]);
  const places = new Map<Hex, [block: number, at: number]>();
  const marks: { id: number; number: number; depth: number }[] = [];
  let nextMark = 1;

  const covered = kept.snapshot && kept.snapshot.number <= kept.blocks.length ? kept.snapshot : null;
  const state = await loadState(covered?.accounts ?? genesis.accounts);
  const startVm = () =>
    createVM({
      common: createRules(genesis.chainId),
      stateManager: state,
      blockchain: {
        getBlock: async (id: number) => ({ hash: () => hexToBytes(blocks[id]!.header.hash) }),
        putBlock: async () => undefined,
        shallowCopy() {
          return this;
        },
      },
    });
  let vm = await startVm();

  const head = () => blocks.at(-1)!;
  const add = (record: BlockRecord) => {
    numbers.set(record.header.hash, blocks.length);
    record.transactions.forEach(({ hash }, at) => places.set(hash, [blocks.length, at]));
    blocks.push(record);
  };
  const inside = async <T>(stays: boolean, work: (vm: VM) => Promise<T>): Promise<T> => {
    const { depth } = state;
    await state.checkpoint();
    try {
      const outcome = await work(vm);
      if (stays) await state.commit();
      return outcome;
    } catch (error) {
      if (error instanceof PayableError) throw error;
      // After an abort, the interpreter keeps checkpoints and transient storage of unfinished calls, so make a new one.
      vm = await startVm();
      throw refused(wordsOf(error));
    } finally {
      while (state.depth > depth) await state.revert();
      state.clearCaches();
      vm.evm.journal.cleanJournal();
    }
  };
  const run = async (input: BlockInput, keep: (block: BlockRecord) => Promise<void>) => {
    const made = await inside(true, async (now) => {
      const record = await executeBlock(now, state, head().header, input);
      await keep(record);
      return record;
    });
    add(made);
    return made;
  };

  const rerun = async (number: number, record: BlockRecord) => {
    const senders = record.transactions.map(({ from }) => from);
    try {
      await run({ ...inputOf(record), senders }, async ({ header }) => {
        if (header.hash !== record.header.hash) throw new ReplayError(number, 'running it again gives another block');
      });
    } catch (error) {
      if (error instanceof ReplayError) throw error;
      throw new ReplayError(number, error instanceof Error ? error.message : String(error), error);
    }
  };

  for (const [at, record] of kept.blocks.entries()) {
    const number = at + 1;
    if (signal?.aborted) throw new AbortedError(signal.reason);
    if (record.header.parentHash !== head().header.hash) throw new ReplayError(number, 'it does not follow its parent');
    if (covered && number <= covered.number) {
      add(record);
    } else {
      await rerun(number, record);
    }
    onBlock?.(number);
  }

  return {
    chainId: genesis.chainId,
    state,
    head,
    length: () => blocks.length,
    block: (id) => blocks[typeof id === 'number' ? id : (numbers.get(id) ?? -1)],
    transaction(hash) {
      const place = places.get(hash);
      return place && blocks[place[0]]!.transactions[place[1]];
    },
    receipt(hash) {
      const place = places.get(hash);
      return place && blocks[place[0]]!.receipts[place[1]];
    },
    *logs(from, to) {
      for (let at = from; at <= to && at < blocks.length; at++) {
        for (const { logs } of blocks[at]!.receipts) yield* logs;
      }
    },
    mine: run,
    undone: (work) => inside(false, work),
    snapshot() {
      marks.push({ id: nextMark, number: blocks.length - 1, depth: state.depth });
      void state.checkpoint();
      return nextMark++;
    },
    snapshotBlock: (id) => marks.find((mark) => mark.id === id)?.number,
    async revert(id) {
      const mark = marks.find((one) => one.id === id);
      if (!mark) return;
      while (state.depth > mark.depth) await state.revert();
      marks.splice(marks.indexOf(mark));
      for (const { header, transactions } of blocks.splice(mark.number + 1)) {
        numbers.delete(header.hash);
        for (const { hash } of transactions) places.delete(hash);
      }
    },
    dump: () => ({ number: blocks.length - 1, accounts: dumpState(state) }),
    digest: () => digestDump(dumpState(state)),
  };
}
