// Carries a transaction through its life and keeps every step before the next: simulate, ask for the signature, send,
// follow. After a crash the same is taken up from what was kept; nothing is ever sent a second time.

import type { Hash } from 'viem';
import type { ActionPlan, Step } from '../actions/plan.ts';
import type { ChainContext, Signer } from '../context.ts';
import { failureOf, isRejection } from './errors.ts';
import { findByNonce } from './find-by-nonce.ts';
import { followTransaction, type FollowOptions } from './follow.ts';
import { advance, isFinal, type TxEvent } from './machine.ts';
import type { TxRecord } from './record.ts';
import type { TxStore } from './store.ts';

export interface TxHost {
  store: TxStore;
  /** Milliseconds since 1970. */
  now(): number;
  /** A fresh id for a record. */
  newId(): string;
}

/** A fifth more than estimated: others may act before this does, and what is not used is not paid. */
const withHeadroom = (gas: bigint): bigint => gas + gas / 5n;

const step = async (store: TxStore, record: TxRecord, event: TxEvent, more: Partial<TxRecord> = {}) => {
  const next = { ...record, ...more, state: advance(record.state, event) };
  await store.put(next);
  return next;
};

async function* follow(context: ChainContext, store: TxStore, start: TxRecord, options: FollowOptions) {
  let record = start;
  for await (const event of followTransaction(context, record, options)) {
    record = await step(store, record, event);
    yield record;
  }
}

async function* runStep(
  context: ChainContext,
  signer: Signer,
  what: Step,
  { store, now, newId }: TxHost,
  options: FollowOptions,
): AsyncGenerator<TxRecord, void> {
  const { to, data, valueWei, verb, explanation } = what;
  const from = signer.account.address;
  const { read, chain } = context;
  const plain = { chainId: chain.id, verb, explanation, from, to, data, valueWei: String(valueWei) };
  let record: TxRecord = {
    id: newId(),
    ...plain,
    nonce: null,
    sinceBlock: null,
    createdAt: now(),
    state: { status: 'idle' },
  };
  yield (record = await step(store, record, { kind: 'simulate' }));

  let gas: bigint;
  try {
    await read.call({ account: from, to, data, value: valueWei });
    gas = withHeadroom(await read.estimateGas({ account: from, to, data, value: valueWei }));
  } catch (error) {
    yield await step(store, record, { kind: 'simulation-failed', failure: failureOf(error) });
    return;
  }
  options.signal?.throwIfAborted();

  const [nonce, head] = await Promise.all([
    read.getTransactionCount({ address: from, blockTag: 'pending' }),
    read.getBlockNumber({ cacheTime: 0 }),
  ]);
  const place = { nonce, sinceBlock: Number(head) };
  yield (record = await step(store, record, { kind: 'ask-signature' }, place));
  let hash: Hash;
  try {
    // Without the nonce: a wallet may have transactions of its own underway.
    hash = await signer.sendTransaction({ to, data, value: valueWei, gas, chain });
  } catch (error) {
    const event: TxEvent = isRejection(error) ? { kind: 'rejected' } : { kind: 'not-sent', failure: failureOf(error) };
    yield await step(store, record, event);
    return;
  }
  yield (record = await step(store, record, { kind: 'submitted', hash }));
  yield* follow(context, store, record, options);
}

/** Whether the next step of a plan may begin. */
const succeeded = ({ state }: TxRecord): boolean => state.status === 'safe';

/**
 * Runs a plan's transactions one after the other and yields each record whenever it has moved and is kept. Stops at the
 * first that does not succeed. An abort ends the following only: what was sent stays sent, and can be resumed.
 */
export async function* runPlan(
  context: ChainContext,
  plan: ActionPlan,
  host: TxHost,
  options: FollowOptions = {},
): AsyncGenerator<TxRecord, void> {
  const signer = await context.signer();
  for (const what of plan.steps) {
    let last: TxRecord | undefined;
    for await (const record of runStep(context, signer, what, host, options)) yield (last = record);
    if (!last || !succeeded(last)) return;
  }
}

/** Takes up one record where a reload left it. */
async function* resume(context: ChainContext, start: TxRecord, store: TxStore, options: FollowOptions) {
  let record = start;
  if (!('hash' in record.state)) {
    // Between the wallet and the hash anything may have happened; the chain knows.
    const asked = record.state.status === 'awaiting-signature';
    const found = asked ? await findByNonce(context.read, record) : undefined;
    const event: TxEvent = found?.how === 'repriced' ? { kind: 'submitted', hash: found.hash } : { kind: 'dropped' };
    yield (record = await step(store, record, event));
  }
  if (!isFinal(record.state)) yield* follow(context, store, record, options);
}

/** Follows every unfinished transaction of this chain to its end; yields as they move. */
export async function* resumeTransactions(
  context: ChainContext,
  { store }: Pick<TxHost, 'store'>,
  options: FollowOptions = {},
): AsyncGenerator<TxRecord, void> {
  const open = (await store.list(context.chain.id)).filter(({ state }) => !isFinal(state)).reverse();
  for (const record of open) yield* resume(context, record, store, options);
}
