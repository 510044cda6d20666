// One line of a terminal that is written over as work proceeds. Where stderr is no terminal it shows nothing.

import type { DownloadProgress } from '#lib/files/download/tally.ts';
import { formatBytes, formatDuration } from '#lib/ui/format-figures.ts';

export interface ProgressLine {
  show(progress: DownloadProgress): void;
  write(text: string): void;
  clear(): void;
}

export function createProgressLine(): ProgressLine {
  const isTerminal = process.stderr.isTTY;
  let isShown = false;
  const replace = (text: string) => {
    if (isTerminal) process.stderr.write(`\r\x1b[K${text}`);
  };
  const write = (text: string) => {
    replace(text);
    isShown = true;
  };
  return {
    write,
    show({ doneBytes, totalBytes, bytesPerSecond, secondsLeft }) {
      const left = secondsLeft === null ? '' : `, ${formatDuration(secondsLeft * 1000)} left`;
      const rate = bytesPerSecond > 0 ? `, ${formatBytes(bytesPerSecond)}/s` : '';
      write(`${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}${rate}${left}`);
    },
    clear() {
      if (isShown) replace('');
      isShown = false;
    },
  };
}
