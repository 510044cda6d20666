// What the command line itself can refuse: its options, and requests that failed among others.

import { PayableError } from '#lib/core/errors.ts';

export class UsageError extends PayableError {
  constructor(message: string, hint: string) {
    super('cli/usage', message, { hint });
  }
}

/** Some requests failed after their neighbours' results were printed. */
export class RequestsFailedError extends PayableError {
  constructor(failed: number, of: number) {
    super('cli/requests-failed', `${failed} of ${of} requests failed.`, { hint: 'Their lines say why.' });
  }
}
