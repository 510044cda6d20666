// Runs a transaction and stores each step before the next: simulate, request the signature, send, follow. After a crash it
// resumes from the stored record; nothing is ever sent twice.

import type { Hash } from 'viem';
import type { ActionPlan, Step } from './plan.ts';
import type { ChainContext, Signer } from '../context.ts';
import { outcomeOf, sendTogether } from './batch.ts';
import { batchTrial } from './batch-trial.ts';
import { failureOf, isRejection } from './errors.ts';
import { findUnclaimed } from './find-unclaimed.ts';
import { followTransaction, type FollowOptions } from './follow.ts';
import { advance, isFinal, type TxEvent } from './machine.ts';
import { pause } from './pause.ts';
import type { TxRecord } from './record.ts';
import type { TxStore } from './store.ts';

export interface TxHost {
  store: TxStore;
  /** Milliseconds since 1970. */
  now(): number;
  /** A fresh id for a record. */
  newId(): string;
  /** Whether a living tab, possibly another one, follows this record. */
  isInHand?(id: string): Promise<boolean>;
}

/**
 * Gas above the estimate, because other transactions may come first; what is not used is not charged. A fifth covers longer loops. The
 * least covers two new entries in the history of votes (27,000 gas each), which the estimate misses in a second that has one already.
 */
const LEAST_HEADROOM = 60_000n;
const withHeadroom = (gas: bigint): bigint => gas + (gas / 5n > LEAST_HEADROOM ? gas / 5n : LEAST_HEADROOM);

const step = async (store: TxStore, record: TxRecord, event: TxEvent, more: Partial<TxRecord> = {}) => {
  const next = { ...record, ...more, state: advance(record.state, event) };
  await store.put(next);
  return next;
};

/**
 * Follows a sent transaction even when it cannot be stored, so that the user does not take it for lost and send it again. The
 * last storage error is thrown at the end. `wallet` reports on batches.
 */
async function* follow(
  context: ChainContext,
  wallet: Signer | null,
  store: TxStore,
  start: TxRecord,
  options: FollowOptions,
) {
  let record = start;
  const note = (): Promise<Error | null> =>
    store.put(record).then(
      () => null,
      (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause))),
    );
  let unkept = await note();
  yield record;
  if (record.state.status === 'with-wallet' && wallet) {
    const { batch } = record.state;
    let event: TxEvent | undefined;
    while (!(event = await outcomeOf(wallet, context, batch)))
      await pause(context.read.pollingInterval, options.signal);
    record = { ...record, state: advance(record.state, event) };
    unkept = await note();
    yield record;
  }
  for await (const event of followTransaction(context, record, options)) {
    record = { ...record, state: advance(record.state, event) };
    unkept = await note();
    yield record;
  }
  if (unkept) throw unkept;
}

async function* runStep(
  context: ChainContext,
  signer: Signer,
  what: Step,
  { store, now, newId }: TxHost,
  options: FollowOptions,
): AsyncGenerator<TxRecord, void> {
  const { to, data, valueWei, verb, explanation, calls } = what;
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

  let gas = 0n;
  try {
    if (calls) {
      const { stateOverride } = await batchTrial(read, from, context.addresses.DeviceAccount);
      await read.call({ account: from, to, data, value: valueWei, stateOverride });
    } else {
      await read.call({ account: from, to, data, value: valueWei });
      gas = withHeadroom(await read.estimateGas({ account: from, to, data, value: valueWei }));
    }
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
  let handed: TxEvent;
  try {
    if (calls) {
      const batch = await sendTogether(signer, context, calls);
      // An unknown outcome is requested again after the record is stored.
      handed = (await outcomeOf(signer, context, batch).catch(() => undefined)) ?? { kind: 'taken', batch };
    } else {
      // No nonce: the wallet may have other pending transactions.
      handed = { kind: 'submitted', hash: await signer.sendTransaction({ to, data, value: valueWei, gas, chain }) };
    }
  } catch (error) {
    const event: TxEvent = isRejection(error) ? { kind: 'rejected' } : { kind: 'not-sent', failure: failureOf(error) };
    record = { ...record, state: advance(record.state, event) };
    // Yield before storing: when storing fails, the user still sees the record.
    yield record;
    await store.put(record);
    return;
  }
  yield* follow(context, signer, store, { ...record, state: advance(record.state, handed) }, options);
}

/** Whether the plan's next step may start. */
const succeeded = ({ state }: TxRecord): boolean => state.status === 'safe';

/**
 * Runs a plan's transactions one after the other and yields each stored change of a record. Stops at the first failure. An abort
 * ends only the following: sent transactions stay sent and can be resumed.
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

/** Resumes one record after a reload. `claimed` are the hashes of all other records. */
async function* resume(
  context: ChainContext,
  start: TxRecord,
  store: TxStore,
  claimed: ReadonlySet<Hash>,
  options: FollowOptions,
) {
  const { state } = start;
  const wallet = state.status === 'with-wallet' ? ((await context.ready?.()) ?? null) : null;
  // Only its own wallet knows the outcome; wait until that one is connected.
  if (state.status === 'with-wallet' && wallet?.account.address !== start.from) return;
  if (!('hash' in state) && state.status !== 'with-wallet') {
    // A crash between sending and storing the hash leaves the outcome unknown; search the chain.
    const hash = state.status === 'awaiting-signature' ? await findUnclaimed(context.read, start, claimed) : undefined;
    if (hash === undefined) {
      yield await step(store, start, { kind: 'dropped' });
      return;
    }
    yield* follow(context, null, store, { ...start, state: advance(state, { kind: 'submitted', hash }) }, options);
    return;
  }
  let isFirst = true;
  for await (const record of follow(context, wallet, store, start, options)) {
    // Its first state is known to the caller already.
    if (!isFirst) yield record;
    isFirst = false;
  }
}

/** Follows every unfinished transaction of this chain that no other tab follows; yields each change. */
export async function* resumeTransactions(
  context: ChainContext,
  { store, isInHand = async () => false }: Pick<TxHost, 'store' | 'isInHand'>,
  options: FollowOptions = {},
): AsyncGenerator<TxRecord, void> {
  const all = await store.list(context.chain.id);
  const claimed = new Set<Hash>();
  for (const { state } of all) if ('hash' in state && state.hash !== null) claimed.add(state.hash);
  for (const record of all.filter(({ state }) => !isFinal(state)).reverse()) {
    if (await isInHand(record.id)) continue;
    for await (const moved of resume(context, record, store, claimed, options)) {
      if ('hash' in moved.state && moved.state.hash !== null) claimed.add(moved.state.hash);
      yield moved;
    }
  }
}
