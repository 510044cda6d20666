// What the command line itself can refuse: options, files named by options, and places it cannot write to.

import { PayableError } from '#lib/core/errors.ts';

export class UsageError extends PayableError {
  constructor(message: string, hint: string) {
    super('cli/usage', message, { hint });
  }
}

/** A file named on the command line cannot be read or written. */
export class FileError extends PayableError {
  constructor(path: string, what: string, hint: string, cause?: unknown) {
    super('cli/file', `${path}: ${what}.`, { hint, cause });
  }
}

/** Some requests failed after their neighbours' results were printed. */
export class RequestsFailedError extends PayableError {
  constructor(failed: number, of: number) {
    super('cli/requests-failed', `${failed} of ${of} requests failed.`, { hint: 'Their lines say why.' });
  }
}
