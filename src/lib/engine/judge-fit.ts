// Whether a predicted load fits a device. The words are the caller's.

import type { LoadPrediction } from './predict-load.ts';

export type FitVerdict =
  | { fits: 'yes'; totalBytes: number; memoryBytes: number }
  /** No buffer is too large, and the device does not say how much memory it has. */
  | { fits: 'unknown'; totalBytes: number }
  | { fits: 'no'; reason: 'memory'; totalBytes: number; memoryBytes: number }
  /** One buffer is larger than the device allows, however much memory it has; a shorter context makes caches smaller. */
  | { fits: 'no'; reason: 'buffer'; buffer: string; bufferBytes: number; maxBindingBytes: number };

/** `memoryBytes` is what the device has for models; null where that is not known. */
export function judgeFit(
  { totalBytes, refused }: LoadPrediction,
  { maxBindingBytes, memoryBytes }: { maxBindingBytes: number; memoryBytes: number | null },
): FitVerdict {
  if (refused)
    return { fits: 'no', reason: 'buffer', buffer: refused.label, bufferBytes: refused.bytes, maxBindingBytes };
  if (memoryBytes === null) return { fits: 'unknown', totalBytes };
  if (totalBytes > memoryBytes) return { fits: 'no', reason: 'memory', totalBytes, memoryBytes };
  return { fits: 'yes', totalBytes, memoryBytes };
}
