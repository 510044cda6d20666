// A transport that does not flood an unreachable node: while there is no answer, a single request probes the node, the others
// wait for its outcome, the pauses between probes grow, and during a pause requests fail with the last error.

import { HttpRequestError, TimeoutError, type Transport } from 'viem';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface Patience {
  nowMs(): number;
  /** Called when the node stops answering, and with null when it answers again. */
  onSilence?(untilMs: number | null): void;
}

export interface PatientTransport {
  transport: Transport;
  /** Sends the next request at once instead of waiting for the pause to end. */
  askNow(): void;
}

/** Whether the node did not answer; an error response is an answer. */
const isSilence = (error: unknown): boolean =>
  error instanceof TimeoutError || (error instanceof HttpRequestError && error.status === undefined);

export function patientTransport(inner: Transport, { nowMs, onSilence }: Patience): PatientTransport {
  let state: 'unknown' | 'answers' | 'silent' = 'unknown';
  let failures = 0;
  let untilMs = 0;
  let last: unknown;
  /** The probing request; never rejects. */
  let first: Promise<void> | null = null;

  function heard() {
    if (state === 'silent') onSilence?.(null);
    state = 'answers';
    failures = 0;
  }
  function missed(error: unknown) {
    last = error;
    // Requests that were in flight together count as one failure.
    if (state === 'silent' && nowMs() < untilMs) return;
    state = 'silent';
    untilMs = nowMs() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++);
    onSilence?.(untilMs);
  }
  async function asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      heard();
      return answer;
    } catch (error) {
      if (isSilence(error)) missed(error);
      else heard();
      throw error;
    }
  }
  async function inTurn<T>(ask: () => Promise<T>): Promise<T> {
    if (state === 'answers') return asked(ask);
    if (first) {
      await first;
      return inTurn(ask);
    }
    if (state === 'silent' && nowMs() < untilMs) throw last;
    const answer = asked(ask);
    first = answer.then(
      () => undefined,
      () => undefined,
    );
    void first.then(() => (first = null));
    return answer;
  }

  return {
    transport: (options) => {
      const made = inner(options);
      const { request } = made;
      return { ...made, request: (...args) => inTurn(() => request(...args)) };
    },
    askNow: () => (untilMs = 0),
  };
}
