// What can go wrong while files are fetched and kept, in words. No error quotes a token or a signed address.

import { PayableError } from '#lib/core/errors.ts';

/** A server could not be reached or answered with an error. */
export class DownloadError extends PayableError {
  constructor(file: string, what: string, cause?: unknown) {
    super('shell/download', `${file}: ${what}.`, {
      hint: 'Check the connection and try again; what was already loaded is kept.',
      cause,
    });
  }
}

/** What was received is not what was promised. */
export class WrongBytesError extends PayableError {
  constructor(file: string, what: string) {
    super('shell/wrong-bytes', `${file}: ${what}.`, {
      hint: 'The copy on the server is damaged or was changed; reload the page and try again.',
    });
  }
}
