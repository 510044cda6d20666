// Errors that stop the indexer. Rows read so far are kept; the next run continues from there.

import { PayableError } from '#lib/core/errors.ts';

export class ChangingChainError extends PayableError {
  constructor(attempts: number) {
    super('indexer/changing', `The chain changed ${attempts} times while it was read.`, {
      hint: 'Its nodes may disagree; try again, or take another provider.',
    });
  }
}

export class RangeRefusedError extends PayableError {
  constructor(block: number, cause: unknown) {
    super('indexer/range-refused', `The provider gives no logs of block ${block}, not even of it alone.`, {
      hint: 'Take another provider.',
      cause,
    });
  }
}
