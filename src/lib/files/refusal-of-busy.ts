// Statuses by which a server says that it has no time now, and how long it asks to wait.

import { InterruptedError } from './errors.ts';

const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The error of an answer after which the same request may be made again; null for any other status. */
export function refusalOfBusy(
  { status, headers }: Response,
  what: string,
  said: string,
  today: Date,
): InterruptedError | null {
  if (!BUSY.has(status)) return null;
  return new InterruptedError(what, said, { retryAfterMs: parseRetryAfter(headers.get('retry-after'), today) });
}

/** Seconds, or a date. */
function parseRetryAfter(text: string | null, today: Date): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - today.getTime());
}
