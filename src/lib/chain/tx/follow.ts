// Follows a sent transaction until its final state: inclusion, revert, replacement, loss, reorganisation, and safety. Only reads;
// two followers of one transaction agree.

import {
  BlockNotFoundError,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
  WaitForTransactionReceiptTimeoutError,
} from 'viem';
import type { Hash, ReplacementReturnType, TransactionReceipt } from 'viem';
import type { ChainContext } from '../context.ts';
import { feePaidWei } from './fee-paid.ts';
import { wordsOfRevert } from './format-error.ts';
import { revertDataOf } from './errors.ts';
import { findByNonce, type Successor } from './find-by-nonce.ts';
import type { TxEvent } from './machine.ts';
import { pause } from './pause.ts';
import type { Failure, Inclusion, TxRecord } from './record.ts';

export interface FollowOptions {
  /** Blocks, including the transaction's own, after which it counts as safe; or the chain's tag `safe`. */
  safety?: number | 'safe';
  /** Time after which a transaction that the chain does not know counts as dropped. */
  patienceMs?: number;
  signal?: AbortSignal;
}

type Reader = ChainContext['read'];

/** viem checks on new blocks; a chain that makes blocks on demand may not make one, so check at this interval. */
const LOOK_AGAIN_MS = 2000;

/** The sandbox and a devnet have one block producer; a rollup reports its safe block. */
export const safetyOf = ({ mode }: Pick<ChainContext, 'mode'>): number | 'safe' => (mode === 'l2' ? 'safe' : 1);

const inclusionOf = (receipt: TransactionReceipt): Inclusion => ({
  hash: receipt.transactionHash,
  blockNumber: Number(receipt.blockNumber),
  blockHash: receipt.blockHash,
  gasUsed: Number(receipt.gasUsed),
  feeWei: String(feePaidWei(receipt)),
});

/** Runs the call again at its block to get the reason; at the head if the chain keeps no old states. */
async function failureIn(
  read: Reader,
  { from, to, data, valueWei }: TxRecord,
  receipt: TransactionReceipt,
): Promise<Failure> {
  const call = { account: from, to, data, value: BigInt(valueWei) };
  for (const at of [{ blockNumber: receipt.blockNumber - 1n }, {}]) {
    try {
      await read.call({ ...call, ...at });
    } catch (error) {
      const found = revertDataOf(error);
      if (found !== undefined) return wordsOfRevert(found);
    }
  }
  return { name: '', message: 'The contract refused; tried again, it would not: things have changed meanwhile.' };
}

const successorOf = ({ reason, transaction }: ReplacementReturnType): Successor => ({
  how: reason,
  hash: transaction.hash,
});

async function receiptOf(read: Reader, hash: Hash): Promise<TransactionReceipt | undefined> {
  try {
    return await read.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

async function isKnown(read: Reader, hash: Hash): Promise<boolean> {
  try {
    await read.getTransaction({ hash });
    return true;
  } catch (error) {
    if (error instanceof TransactionNotFoundError) return false;
    throw error;
  }
}

async function isSafe(read: Reader, { blockNumber }: TransactionReceipt, safety: number | 'safe'): Promise<boolean> {
  if (safety === 'safe') return (await read.getBlock({ blockTag: 'safe' })).number >= blockNumber;
  return (await read.getBlockNumber({ cacheTime: 0 })) - blockNumber + 1n >= BigInt(safety);
}

/** A node may announce a block before its transactions can be read. */
const isNotThereYet = (error: unknown): boolean =>
  error instanceof TransactionReceiptNotFoundError ||
  error instanceof TransactionNotFoundError ||
  error instanceof BlockNotFoundError;

/** Events for `advance` about the transaction of a submitted, included or repriced record. */
export async function* followTransaction(
  context: Pick<ChainContext, 'read' | 'mode'>,
  record: TxRecord,
  { safety = safetyOf(context), patienceMs = 60_000, signal }: FollowOptions = {},
): AsyncGenerator<TxEvent, void> {
  const { read } = context;
  const { state } = record;
  if (!('hash' in state) || state.hash === null) return;
  let hash: Hash = state.hash;
  let seen: Hash | null = state.status === 'included' ? state.blockHash : null;
  const timeout = Math.min(LOOK_AGAIN_MS, patienceMs);
  let waitedMs = 0;

  for (;;) {
    signal?.throwIfAborted();
    let receipt = await receiptOf(read, hash);
    if (!receipt) {
      if (seen !== null) {
        seen = null;
        yield { kind: 'reorged' };
      }
      let next: Successor | undefined;
      try {
        receipt = await abortable(
          read.waitForTransactionReceipt({
            hash,
            timeout,
            onReplaced: (found) => (next = successorOf(found)),
          }),
          signal,
        );
      } catch (error) {
        if (error instanceof WaitForTransactionReceiptTimeoutError) waitedMs += timeout;
        else if (isNotThereYet(error)) {
          await pause(read.pollingInterval, signal);
          waitedMs += read.pollingInterval;
        } else throw error;
        if (await isKnown(read, hash)) continue;
        // A replacement sent while no tab was open is found by its nonce.
        next = await findByNonce(read, record);
        if (!next && waitedMs < patienceMs) continue;
        if (!next) {
          yield { kind: 'dropped' };
          return;
        }
      }
      // viem reports a transaction with a late receipt as its own replacement.
      if (next && next.hash !== hash) {
        hash = next.hash;
        yield { kind: 'replaced', how: next.how, hash };
        if (next.how !== 'repriced') return;
      }
      if (!receipt) continue;
    }
    if (seen !== null && seen !== receipt.blockHash) yield { kind: 'reorged' };
    if (seen !== receipt.blockHash) {
      seen = receipt.blockHash;
      const inclusion = inclusionOf(receipt);
      if (receipt.status === 'reverted') {
        yield { kind: 'reverted', inclusion, failure: await failureIn(read, record, receipt) };
        return;
      }
      yield { kind: 'included', inclusion };
    }
    if (await isSafe(read, receipt, safety)) {
      // Check last that the safe head still includes this block, so that a reorganisation in between is not missed.
      if ((await receiptOf(read, hash))?.blockHash !== seen) continue;
      yield { kind: 'safe' };
      return;
    }
    await pause(read.pollingInterval, signal);
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
