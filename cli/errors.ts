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
