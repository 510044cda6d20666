// Errors of the command line itself: its options, and requests of which some failed.

import { PayableError } from '#lib/core/errors.ts';

export class UsageError extends PayableError {
  constructor(message: string, hint: string) {
    super('cli/usage', message, { hint });
  }
}

/** Some requests failed; the results of the others were printed. */
export class RequestsFailedError extends PayableError {
  constructor(failed: number, of: number) {
    super('cli/requests-failed', `${failed} of ${of} requests failed.`, { hint: 'Their lines say why.' });
  }
}

/** A segment of a training, computed again, is another one. */
export class TrainingDiffersError extends PayableError {
  constructor(segment: number, firstStep: number | null) {
    const where = firstStep === null ? 'in its weights' : `from step ${firstStep} on`;
    super('cli/training-differs', `Segment ${segment} of the training differs ${where}.`, {
      hint: 'The adapter was not trained as its manifest says, or on another device than it names.',
    });
  }
}
