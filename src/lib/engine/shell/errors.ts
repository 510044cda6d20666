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
