// Errors of settlement: epochs that cannot be built, claims that do not exist.

import { PayableError } from '#lib/core/errors.ts';

/** Calls and accounts that no valid epoch can contain. */
export class EpochInputError extends PayableError {
  constructor(what: string) {
    super('settlement/epoch-input', `The epoch cannot be built: ${what}.`, { hint: 'Nothing was proposed.' });
  }
}

/** An account without a leaf. */
export class NothingEarnedError extends PayableError {
  constructor(account: string) {
    super('settlement/nothing-earned', `${account} has earned nothing yet.`, {
      hint: 'Earnings appear here when an epoch with your rows is final.',
    });
  }
}

/** A proposal whose leaves do not match its published digest. */
export class LeavesMissingError extends PayableError {
  constructor(what: string) {
    super('settlement/leaves-missing', `The published leaves do not make the proposal: ${what}.`, {
      hint: 'A proposal without its leaves cannot be checked; do not build on it.',
    });
  }
}
