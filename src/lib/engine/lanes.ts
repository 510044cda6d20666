// A bound on what runs at the same time: work takes lanes before it begins and waits in order of arrival while they are taken.
// It knows costs; it does not know the work.

import { stoppedBy } from './paced-folder.ts';

export interface Lanes {
  /** Runs the work when its cost fits; work that costs more than all lanes runs alone. Rejects when stopped before that. */
  run<T>(cost: number, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function createLanes(total: number): Lanes {
  const waiting = new Set<{ cost: number; go(): void }>();
  let taken = 0;

  const admit = () => {
    for (const next of waiting) {
      if (taken > 0 && taken + next.cost > total) return;
      taken += next.cost;
      waiting.delete(next);
      next.go();
    }
  };
  const enter = (cost: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(stoppedBy(signal));
      const stop = () => {
        waiting.delete(entry);
        reject(stoppedBy(signal));
        admit();
      };
      const entry = {
        cost,
        go() {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      waiting.add(entry);
      admit();
    });

  return {
    async run(cost, signal, work) {
      await enter(cost, signal);
      try {
        return await work();
      } finally {
        taken -= cost;
        admit();
      }
    },
  };
}
