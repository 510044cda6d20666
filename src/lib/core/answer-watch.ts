// Ends a response that falls silent, arrives too slowly, or is no longer needed. Only time spent waiting for the other machine
// counts; the local reader may be slow.

import { AbortedError, PayableError, type ErrorDetails } from './errors.ts';

export interface Patience {
  /** Milliseconds without a byte after which the source is given up; default 20,000. */
  silenceMs?: number | undefined;
  /** Milliseconds within which the source must send `windowBytes` or finish; default 30,000. */
  windowMs?: number | undefined;
  /** Default 32,768: about 1 KiB a second. */
  windowBytes?: number | undefined;
}

/** Makes the room's own error of a source that failed. */
export type SourceFailure = (what: string, details?: ErrorDetails) => PayableError;

export class AnswerWatch {
  readonly failure: SourceFailure;
  readonly #outer: AbortSignal | undefined;
  readonly #silenceMs: number;
  readonly #windowMs: number;
  readonly #windowBytes: number;
  readonly #abort = new AbortController();
  readonly #onAbort = () => this.#abort.abort();
  #silence: ReturnType<typeof setTimeout> | undefined;
  #window: ReturnType<typeof setTimeout> | undefined;
  #bytes = 0;
  #isWaiting = true;
  #fault = '';

  constructor(failure: SourceFailure, outer: AbortSignal | undefined, patience: Patience = {}) {
    const { silenceMs = 20_000, windowMs = 30_000, windowBytes = 32_768 } = patience;
    this.failure = failure;
    this.#outer = outer;
    this.#silenceMs = silenceMs;
    this.#windowMs = windowMs;
    this.#windowBytes = windowBytes;
    if (outer?.aborted) this.#abort.abort();
    outer?.addEventListener('abort', this.#onAbort);
    this.wait();
    this.#openWindow();
  }

  /** Goes to the request. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Starts counting: the caller now waits for the source. */
  wait(): void {
    clearTimeout(this.#silence);
    this.#isWaiting = true;
    this.#silence = setTimeout(() => this.#giveUp(`it sent nothing for ${this.#silenceMs / 1000} s`), this.#silenceMs);
  }

  /** The source sent this many bytes; time stops counting until `wait`. */
  rest(bytes = 0): void {
    clearTimeout(this.#silence);
    this.#isWaiting = false;
    this.#bytes += bytes;
    if (this.#bytes >= this.#windowBytes) this.#openWindow();
  }

  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#window);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }

  /** The error to throw for `error`, which the request ended with. */
  inWords(error: unknown, what: string): unknown {
    if (this.#outer?.aborted) return new AbortedError(error);
    if (error instanceof PayableError) return error;
    return this.#fault ? this.failure(this.#fault) : this.failure(what, { cause: error });
  }

  #openWindow(): void {
    clearTimeout(this.#window);
    this.#bytes = 0;
    this.#window = setTimeout(() => {
      if (this.#isWaiting) this.#giveUp(`it sent less than ${this.#windowBytes} bytes in ${this.#windowMs / 1000} s`);
      else this.#openWindow();
    }, this.#windowMs);
  }

  #giveUp(fault: string): void {
    this.#fault = fault;
    this.#abort.abort();
  }
}

/** The body of `response` piece by piece, `most` bytes of it. Ends `watch`. @throws what `failure` of the watch makes, AbortedError */
export async function* readBody(
  response: Response,
  watch: AnswerWatch,
  most: number,
): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  let total = 0;
  watch.wait();
  try {
    if (!reader) return;
    const claimed = Number(response.headers.get('content-length') ?? 0);
    if (claimed > most) throw watch.failure(`it wants to send ${claimed} bytes; at most ${most} are taken`);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      watch.rest(value.length);
      total += value.length;
      if (total > most) throw watch.failure(`it sent more than ${most} bytes`);
      yield value;
      watch.wait();
    }
  } catch (error) {
    throw watch.inWords(error, 'it broke off');
  } finally {
    watch.end();
    reader?.cancel().catch(() => undefined);
  }
}
