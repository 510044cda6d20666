// Which tokens a decode step proposes beside the ones that it computes anyway: those that stood behind the same words before
// (docs/adr/0035-proposed-tokens.md). It proposes where the tokens gained are expected to outweigh the longer step, by measured hit
// rates and measured times. What it proposes never changes what is sampled.

import type { Guesses } from './guesses.ts';
import type { StepCosts } from './step-costs.ts';

/** A decoding sequence that may be given proposals. */
export interface DraftCandidate {
  guesses: Guesses;
  /** Tokens launched and not yet read, if all that was proposed is right. */
  onTheWay: number;
  /** Proposals that it has room for. */
  most: number;
}

export interface DraftingOptions {
  costs: StepCosts;
  /** Rows that the matrix kernels take at once. */
  tileRows: number;
}

export interface Drafting {
  /** By candidate, its proposals; `rows` counts those of the step without any, `room` those that may be added. */
  propose<T extends DraftCandidate>(candidates: readonly T[], rows: number, room: number): Map<T, number[]>;
}

/** Below this no proposal is tried. */
const LEAST_HIT_RATE = 0.5;
/** What proposals must win, so that noise in the measurements does not decide. */
const LEAST_GAIN = 1.05;

export function createDrafting({ costs, tileRows }: DraftingOptions): Drafting {
  /** A row for the token that is computed anyway and proposals up to a whole number of tiles. */
  const lengths = [tileRows - 1, 2 * tileRows - 1];
  return {
    propose<T extends DraftCandidate>(candidates: readonly T[], rows: number, room: number) {
      let best = new Map<T, number[]>();
      const hopeful = candidates.filter(({ guesses, most }) => most > 0 && guesses.hitRate >= LEAST_HIT_RATE);
      const plain = hopeful.length > 0 ? costs.of(rows) : null;
      if (plain === null) return best;
      let bestRate = (rows / plain) * LEAST_GAIN;
      for (const length of lengths) {
        const proposals = new Map<T, number[]>();
        let added = 0;
        let gained = 0;
        for (const candidate of hopeful) {
          const { guesses, onTheWay, most } = candidate;
          const drafts = guesses.continuation(onTheWay, Math.min(length, most, room - added));
          if (drafts.length === 0) continue;
          proposals.set(candidate, drafts);
          added += drafts.length;
          drafts.forEach((_, i) => (gained += guesses.hitRate ** (onTheWay + i + 1)));
        }
        // A length that was never measured is tried as if it were free; then it is measured.
        const rate = (rows + gained) / (costs.of(rows + added) ?? plain);
        if (added > 0 && rate > bestRate) [best, bestRate] = [proposals, rate];
      }
      return best;
    },
  };
}
