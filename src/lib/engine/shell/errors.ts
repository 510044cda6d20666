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

/** Another tab of this browser downloads into the same place. */
export class PlaceBusyError extends PayableError {
  constructor(id: string) {
    super('shell/place-busy', `Another tab of this browser is downloading ${id.split('@')[0]}.`, {
      hint: 'Follow it there, or close that tab: the download then goes on here.',
    });
  }
}

/** The ledger names files that are no longer in the browser's storage. */
export class KeptGoneError extends PayableError {
  constructor(name: string, path: string) {
    super('shell/kept-gone', `${name}: "${path}" is no longer on this device.`, {
      hint: 'The browser may have deleted it to free space. Download it again; files that are still here are not fetched.',
    });
  }
}

/** The worker that downloads ended or never started. */
export class DownloaderGoneError extends PayableError {
  constructor(reason: string) {
    super('shell/downloader-gone', `Downloads stopped: ${reason}.`, {
      hint: 'Try again; what was already loaded is kept.',
    });
  }
}

/** A checkpoint of a training run cannot be read or written here. */
export class RunFilesError extends PayableError {
  constructor(cause: unknown) {
    const isFull = (cause as Error).name === 'QuotaExceededError';
    super('shell/run-files', isFull ? 'This browser has no room left.' : 'This browser cannot keep the checkpoint.', {
      hint: isFull ? 'Delete models or runs that are not needed.' : 'Private windows often refuse storage.',
      cause,
    });
  }
}
