// Who goes in next. Requests go in by order of arrival among those that are ready:
// - One that waits for its adapters is passed by others, so that an adapter that never comes holds up only its own requests.
// - The oldest that waits for room (a slot, cache blocks) closes the line: what is given back is kept for it.
// - The oldest that waits for pages of the adapter pool closes the pool: requests without adapters, and those that have their
//   pages already, go on.
// What runs ends, so what closes the line goes in after a bounded time: no request is passed for ever once its adapters are there.

import type { Admission } from './admission.ts';
import type { Sequence } from './requests.ts';

export interface WaitingLine {
  add(sequence: Sequence): void;
  /** True when it was there. What it had claimed is given back. */
  leave(sequence: Sequence): boolean;
  /** Takes out and hands over those that may run now, and those that never will. */
  advance(): void;
  /** Some answer may be another one now. */
  stir(): void;
  /** Empties the line. */
  drain(): Sequence[];
}

export interface WaitingLineOptions {
  admission: Pick<Admission, 'ask' | 'withdraw'>;
  onAdmitted(sequence: Sequence): void;
  onFailed(sequence: Sequence, error: unknown): void;
}

export function createWaitingLine({ admission, onAdmitted, onFailed }: WaitingLineOptions): WaitingLine {
  const waiting = new Set<Sequence>();
  let isStirred = false;

  const leave = (sequence: Sequence): boolean => {
    if (!waiting.delete(sequence)) return false;
    admission.withdraw(sequence);
    return true;
  };

  return {
    leave,
    add(sequence) {
      waiting.add(sequence);
      isStirred = true;
    },
    stir() {
      isStirred = true;
    },
    advance() {
      if (!isStirred) return;
      isStirred = false;
      let mayPlace = true;
      for (const sequence of waiting) {
        try {
          const answer = admission.ask(sequence, mayPlace);
          if (answer === 'no room') return;
          if (answer === 'no pages') mayPlace = false;
          if (answer !== 'admitted') continue;
          waiting.delete(sequence);
          onAdmitted(sequence);
        } catch (error) {
          leave(sequence);
          onFailed(sequence, error);
        }
      }
    },
    drain() {
      const all = [...waiting];
      for (const sequence of all) leave(sequence);
      return all;
    },
  };
}
