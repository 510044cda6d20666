// What stops the reading of a chain, in words. Nothing that was read is lost: the next time goes on from there.

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
