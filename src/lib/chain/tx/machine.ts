// The state machine of a transaction: a pure reducer from state and event to the next state. Refuses impossible events, so that a
// late or repeated event never undoes known facts.

import type { Hash } from 'viem';
import { ImpossibleStepError } from './errors.ts';
import type { Failure, Inclusion, TxState, TxStatus } from './record.ts';

export type TxEvent =
  | { kind: 'simulate' }
  | { kind: 'simulation-failed'; failure: Failure }
  | { kind: 'ask-signature' }
  | { kind: 'rejected' }
  | { kind: 'not-sent'; failure: Failure }
  | { kind: 'taken'; batch: string }
  | { kind: 'submitted'; hash: Hash }
  | { kind: 'included'; inclusion: Inclusion }
  | { kind: 'reverted'; inclusion: Inclusion; failure: Failure }
  /** Its block was removed from the chain. */
  | { kind: 'reorged' }
  | { kind: 'safe' }
  | { kind: 'replaced'; how: 'cancelled' | 'repriced' | 'replaced'; hash: Hash }
  | { kind: 'dropped' };

const AFTER: Readonly<Record<TxEvent['kind'], readonly TxStatus[]>> = {
  simulate: ['idle'],
  'simulation-failed': ['simulating'],
  'ask-signature': ['simulating'],
  rejected: ['awaiting-signature'],
  'not-sent': ['awaiting-signature', 'with-wallet'],
  taken: ['awaiting-signature'],
  // A dropped transaction may still be included: another node may have kept it.
  submitted: ['awaiting-signature', 'with-wallet', 'dropped'],
  included: ['submitted', 'replaced'],
  reverted: ['submitted', 'replaced'],
  reorged: ['included', 'reverted'],
  safe: ['included'],
  replaced: ['submitted'],
  dropped: ['submitted', 'awaiting-signature', 'simulating', 'idle'],
};

/** @throws ImpossibleStepError when `event` cannot follow `state`. */
export function advance(state: TxState, event: TxEvent): TxState {
  const ended = state.status === 'replaced' && state.how !== 'repriced';
  if (ended || !AFTER[event.kind].includes(state.status)) throw new ImpossibleStepError(state.status, event.kind);
  const hash = 'hash' in state ? state.hash : null;
  switch (event.kind) {
    case 'simulate':
      return { status: 'simulating' };
    case 'ask-signature':
      return { status: 'awaiting-signature' };
    case 'rejected':
      return { status: 'rejected' };
    case 'simulation-failed':
    case 'not-sent':
      return { status: event.kind, failure: event.failure };
    case 'taken':
      return { status: 'with-wallet', batch: event.batch };
    case 'submitted':
      return { status: 'submitted', hash: event.hash };
    case 'included':
      return { status: 'included', ...event.inclusion };
    case 'reverted':
      return { status: 'reverted', ...event.inclusion, failure: event.failure };
    case 'reorged':
      return { status: 'submitted', hash: hash! };
    case 'safe':
      return { ...(state as TxState & { status: 'included' }), status: 'safe' };
    case 'replaced':
      return { status: 'replaced', how: event.how, hash: event.hash };
    case 'dropped':
      return { status: 'dropped', hash };
  }
}

const FINAL: readonly TxStatus[] = ['simulation-failed', 'rejected', 'not-sent', 'safe', 'reverted', 'dropped'];

/** Whether no further event is expected. */
export const isFinal = (state: TxState): boolean =>
  FINAL.includes(state.status) || (state.status === 'replaced' && state.how !== 'repriced');
