// A way to a node that is not asked over and over while it does not answer: one question goes first, the others wait for what becomes
// of it; while there is no answer, pauses grow, and meanwhile all are told what the last one was told. It knows no node.

import { HttpRequestError, TimeoutError, type Transport } from 'viem';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface Patience {
  nowMs(): number;
  /** It answers no more; or, with null, it does again. */
  onSilence?(untilMs: number | null): void;
}

export interface PatientTransport {
  transport: Transport;
  /** Sends the next request at once, without waiting for the pause to end. */
  askNow(): void;
}

/** There was no answer; a refusal of the node is an answer. */
const isSilence = (error: unknown): boolean =>
  error instanceof TimeoutError || (error instanceof HttpRequestError && error.status === undefined);

export function patientTransport(inner: Transport, { nowMs, onSilence }: Patience): PatientTransport {
  let state: 'unknown' | 'answers' | 'silent' = 'unknown';
  let failures = 0;
  let untilMs = 0;
  let last: unknown;
  /** The question that goes first; it never rejects. */
  let first: Promise<void> | null = null;

  function heard() {
    if (state === 'silent') onSilence?.(null);
    state = 'answers';
    failures = 0;
  }
  function missed(error: unknown) {
    last = error;
    // Questions that were out together were missed once.
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
