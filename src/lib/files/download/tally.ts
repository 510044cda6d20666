// How far a download is: bytes present, their rate, and the time left, reported a few times a second.

import { Rate } from '#lib/core/rate.ts';

export interface DownloadProgress {
  type: 'progress';
  doneBytes: number;
  totalBytes: number;
  bytesPerSecond: number;
  /** Null while the rate is not known. */
  secondsLeft: number | null;
}

export interface Tally {
  /** Negative where fetched bytes turned out to be useless. */
  add(bytes: number): void;
  report(): void;
}

const EVENT_MS = 200;

export function createTally(
  { doneBytes, totalBytes }: { doneBytes: number; totalBytes: number },
  now: () => number,
  push: (progress: DownloadProgress) => void,
): Tally {
  const rate = new Rate();
  let reportedAt = -Infinity;
  const report = (at: number) => {
    reportedAt = at;
    const bytesPerSecond = rate.at(doneBytes, at);
    const secondsLeft = bytesPerSecond > 0 ? (totalBytes - doneBytes) / bytesPerSecond : null;
    push({ type: 'progress', doneBytes, totalBytes, bytesPerSecond: Math.max(0, bytesPerSecond), secondsLeft });
  };
  return {
    add(bytes) {
      doneBytes += bytes;
      const at = now();
      if (at - reportedAt >= EVENT_MS) report(at);
    },
    report: () => report(now()),
  };
}
