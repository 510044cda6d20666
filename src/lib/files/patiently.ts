// Tries again what failed in a way that may pass: pauses grow, differ by chance so that many clients do not come back together,
// and follow what the server asks for.

import { AbortedError } from '#lib/core/errors.ts';
import { DownloadError, InterruptedError } from './errors.ts';
import type { TransferHost } from './transfer-host.ts';

/** Failures in a row after which a transfer ends. */
export const MOST_FAILURES = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A server may ask for a longer pause than this, but then the caller decides. */
const LONGEST_ASKED_MS = 120_000;

/** Waits before the try after failure number `failures`. @throws the error when it should not be tried again; AbortedError */
export async function pauseAfter(
  error: unknown,
  failures: number,
  host: Pick<TransferHost, 'random' | 'wait'>,
  signal: AbortSignal,
): Promise<void> {
  stopIfAborted(signal);
  if (!(error instanceof InterruptedError) || failures >= MOST_FAILURES) throw error;
  const { retryAfterMs } = error;
  if (retryAfterMs !== null && retryAfterMs > LONGEST_ASKED_MS) {
    const minutes = Math.ceil(retryAfterMs / 60_000);
    const hint = `Try again in ${minutes} minutes; what was already loaded is kept.`;
    throw new DownloadError('The hub', `it takes no more requests for ${minutes} minutes`, error, hint);
  }
  const grown = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  await host.wait((retryAfterMs ?? 0) + grown * (0.5 + host.random() / 2), signal);
  stopIfAborted(signal);
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new AbortedError(signal.reason);
}

/** The result of `work`, which is tried again while it throws `InterruptedError`. */
export async function patiently<T>(
  host: Pick<TransferHost, 'random' | 'wait'>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      await pauseAfter(error, failures, host, signal);
    }
  }
}
