// Puts the comparison of runtimes together: each runs in a worker of its own, and ends before the next starts.

import { startRuntime } from '#lib/engine/shell/client.ts';
import { CompareState } from '#lib/state/compare-state.svelte.ts';

export const composeCompare = (): CompareState =>
  new CompareState({
    start: (kind) => startRuntime(kind, () => undefined),
    now: () => performance.now(),
  });
