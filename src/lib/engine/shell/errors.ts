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

/** The browser lacks what a runtime is built on. */
export class BrowserLacksError extends PayableError {
  constructor(runtime: string, what: string) {
    super('shell/browser-lacks', `${runtime} needs ${what}, which this browser does not have.`, {
      hint: 'Use a current Chrome, Edge or Firefox, or another runtime.',
    });
  }
}

/** The files of a compiled model are not what its runtime needs. */
export class PrebuiltFilesError extends PayableError {
  constructor(model: string, what: string) {
    super('shell/prebuilt-files', `${model}: ${what}.`, { hint: 'Choose another model of the list.' });
  }
}
