// The reducer over every pair of state and event: valid events are applied, all others refused.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ImpossibleStepError } from './errors.ts';
import { advance, isFinal, type TxEvent } from './machine.ts';
import type { TxState } from './record.ts';

const inclusion = { hash: '0x01', blockNumber: 7, blockHash: '0xb7', gasUsed: 21_000, feeWei: '42' } as const;
const failure = { name: 'Closed', message: 'Closed.' };
const EVENTS: readonly TxEvent[] = [
  { kind: 'simulate' },
  { kind: 'simulation-failed', failure },
  { kind: 'ask-signature' },
  { kind: 'rejected' },
  { kind: 'not-sent', failure },
  { kind: 'submitted', hash: '0x01' },
  { kind: 'included', inclusion },
  { kind: 'reverted', inclusion, failure },
  { kind: 'reorged' },
  { kind: 'safe' },
  { kind: 'replaced', how: 'cancelled', hash: '0x02' },
  { kind: 'replaced', how: 'repriced', hash: '0x03' },
  { kind: 'dropped' },
  { kind: 'taken', batch: 'batch-1' },
];

const play = (...kinds: number[]): TxState =>
  kinds.reduce<TxState>((state, at) => advance(state, EVENTS[at]!), { status: 'idle' });

it('reaches safety, through a reorganisation', () => {
  expect(play(0, 2, 5, 6, 8)).toEqual({ status: 'submitted', hash: '0x01' });
  expect(play(0, 2, 5, 6, 8, 6, 9)).toEqual({ status: 'safe', ...inclusion });
  expect(play(0, 2, 5, 11)).toEqual({ status: 'replaced', how: 'repriced', hash: '0x03' });
  expect(play(0, 2, 5, 11, 6).status).toBe('included');
  expect(play(0, 2, 5, 7)).toEqual({ status: 'reverted', ...inclusion, failure });
});

it('waits for a wallet’s batch until it has a hash or failed', () => {
  expect(play(0, 2, 13)).toEqual({ status: 'with-wallet', batch: 'batch-1' });
  expect(isFinal(play(0, 2, 13))).toBe(false);
  expect(play(0, 2, 13, 5, 6, 9)).toEqual({ status: 'safe', ...inclusion });
  expect(play(0, 2, 13, 4)).toEqual({ status: 'not-sent', failure });
  expect(() => play(0, 2, 13, 12)).toThrow(ImpossibleStepError);
});

it('accepts no event in a final state', () => {
  for (const path of [
    [0, 1],
    [0, 2, 3],
    [0, 2, 4],
    [0, 2, 5, 6, 9],
    [0, 2, 5, 10],
  ]) {
    const end = play(...path);
    expect(isFinal(end), end.status).toBe(true);
    for (const event of EVENTS)
      expect(() => advance(end, event), `${end.status} ${event.kind}`).toThrow(ImpossibleStepError);
  }
  expect(isFinal(play(0, 2, 5, 11))).toBe(false);
});

it('never leaves a safe or rejected transaction, and never loses a hash, for any events', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
      let state: TxState = { status: 'idle' };
      for (const event of events) {
        let next: TxState;
        try {
          next = advance(state, event);
        } catch (error) {
          expect(error).toBeInstanceOf(ImpossibleStepError);
          continue;
        }
        expect(['safe', 'rejected', 'not-sent', 'simulation-failed']).not.toContain(state.status);
        if ('hash' in state && state.hash) expect('hash' in next && next.hash).toBeTruthy();
        state = next;
      }
    }),
  );
});
