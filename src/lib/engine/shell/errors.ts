// What can go wrong between the engine and the browser around it, in words.

import { PayableError } from '#lib/core/errors.ts';

/** The worker that holds the engine ended or never started. */
export class EngineGoneError extends PayableError {
  constructor(reason: string, cause?: unknown) {
    super('shell/engine-gone', `The engine stopped: ${reason || 'no reason given'}.`, {
      hint: 'Start it again; if it stops again, choose a smaller model or weight format.',
      cause,
    });
  }
}

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
