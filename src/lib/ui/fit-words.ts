// In plain words whether a model fits this device.

import type { FitVerdict } from '#lib/engine/judge-fit.ts';
import { formatBytes } from './format-figures.ts';

export function fitWords(verdict: FitVerdict): string {
  switch (verdict.fits) {
    case 'yes':
      return 'fits';
    case 'unknown':
      return 'should fit';
    case 'no':
      return verdict.reason === 'memory'
        ? 'needs more memory than this device should give'
        : `does not run: one buffer needs ${formatBytes(verdict.bufferBytes)}, the GPU allows ${formatBytes(verdict.maxBindingBytes)}`;
  }
}

/** What the judgement rests on. */
export const limitWords = ({
  memoryBytes,
  maxBindingBytes,
}: {
  memoryBytes: number | null;
  maxBindingBytes: number;
}) =>
  memoryBytes === null
    ? `This browser does not say how much memory there is. The GPU allows buffers of ${formatBytes(maxBindingBytes)}.`
    : `Browsers do not say how much memory a GPU has. The limit used here is ${formatBytes(memoryBytes)}, half of the memory that the browser reports. The GPU allows buffers of ${formatBytes(maxBindingBytes)}.`;
