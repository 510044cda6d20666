// Errors of evidence: an index that does not fit its version, and answers that are too long to trace.

import { PayableError } from '#lib/core/errors.ts';

/** An index that does not match the rows that it was made of. */
export class IndexUnsoundError extends PayableError {
  constructor(index: string, what: string) {
    super('attribution/index-unsound', `${index}: ${what}.`, {
      hint: 'Build the index again from the rows of the version.',
    });
  }
}

/** The index of a version does not cover all its rows yet. */
export class IndexUnfinishedError extends PayableError {
  constructor(version: string, rows: number, ofRows: number) {
    super('attribution/index-unfinished', `${version}: the evidence index covers ${rows} of ${ofRows} rows.`, {
      hint: 'Let the index be built to its end, then trace the answer again.',
    });
  }
}

/** A text with more words than a trace looks at. */
export class AnswerTooLongError extends PayableError {
  constructor(what: string, words: number, most: number) {
    super('attribution/answer-too-long', `The ${what} has ${words} words and signs; at most ${most} are traced.`, {
      hint: 'Trace a part of it.',
    });
  }
}

/** The worker that builds an index has ended. */
export class BuilderGoneError extends PayableError {
  constructor(reason: string) {
    super('attribution/builder-gone', `The evidence index is no longer being built: ${reason}.`, {
      hint: 'Start it again; what is built is kept.',
    });
  }
}
