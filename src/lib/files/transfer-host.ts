// What transfers need from a platform, passed in by the code that starts them.

export interface TransferHost {
  fetch: typeof fetch;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** The moment by the wall clock, for servers that name a time. */
  today(): Date;
  /** Uniform in [0, 1). */
  random(): number;
  /** Resolves after `ms`, or as soon as the signal says stop. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}
