// What became of the tokens proposed for a sequence, read behind the GPU: the same rule as the `accept-drafts` kernel, on the host.

import type { Sequence } from './requests.ts';

/** One sequence of a step in flight. */
export interface Launched {
  sequence: Sequence;
  /** Tokens proposed behind the one that the step computed anyway. */
  drafts: readonly number[];
  /**
   * False once a proposal of an earlier step was wrong. The drafts of this step then stand at positions that the sequence did not reach,
   * so the GPU takes none of them.
   */
  mayAccept: boolean;
}

/**
 * @param later launched behind it and not yet read
 * @param sampled what the model said after the token that the step computed anyway, after the first draft, and so on
 * @returns how many drafts were right; the counts of its sequence no longer hold the others
 */
export function acceptProposals(
  launched: Launched,
  later: readonly Launched[],
  sampled: (index: number) => number,
): number {
  const { sequence, drafts, mayAccept } = launched;
  if (!mayAccept) return 0;
  let accepted = 0;
  while (accepted < drafts.length && drafts[accepted] === sampled(accepted)) accepted++;
  let wrong = drafts.length - accepted;
  if (wrong === 0) return accepted;
  for (const other of later) {
    if (other.sequence !== sequence || !other.mayAccept) continue;
    other.mayAccept = false;
    wrong += other.drafts.length;
  }
  sequence.running!.sampled -= wrong;
  sequence.running!.computed -= wrong;
  return accepted;
}
