// How far a Datanet's file is read, in words.

import { formatBytes } from '#lib/ui/format-figures.ts';

export const readingWords = (progress: { readBytes: number; totalBytes: number } | null): string =>
  progress
    ? `Reading and checking: ${formatBytes(progress.readBytes)} of ${formatBytes(progress.totalBytes)}…`
    : 'Looking for it…';
