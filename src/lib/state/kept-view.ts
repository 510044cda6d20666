// A record of the ledger and the download of this tab as one thing to show.

import type { KeptModel } from '#lib/db/kept-models.ts';
import type { Running } from './kept-models-state.svelte.ts';

export function keptView(model: KeptModel, running: Running | undefined) {
  const { repo, kind, dtype, problem } = model;
  if (!running) return { ...model, bytesPerSecond: null, again: null };
  const { doneBytes, totalBytes, bytesPerSecond, again } = running;
  return {
    ...{ repo, kind, dtype, problem, again, bytesPerSecond },
    state: 'downloading' as const,
    doneBytes: totalBytes > 0 ? doneBytes : model.doneBytes,
    totalBytes: totalBytes || model.totalBytes,
  };
}
