// What can go wrong while files are fetched and kept, in words. No error quotes a token or a signed address.

import { PayableError, type ErrorDetails } from '#lib/core/errors.ts';

/** A server could not be reached or answered with an error. */
export class DownloadError extends PayableError {
  constructor(file: string, what: string, cause?: unknown, hint?: string) {
    super('shell/download', `${file}: ${what}.`, {
      hint: hint ?? 'Check the connection and try again; what was already loaded is kept.',
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

/** A transfer that failed in a way that may pass: no connection, silence, a busy server. */
export class InterruptedError extends DownloadError {
  /** What the server asks to wait before the next try; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    file: string,
    what: string,
    { cause, retryAfterMs = null }: ErrorDetails & { retryAfterMs?: number | null } = {},
  ) {
    super(file, what, cause);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A text that does not name a repository of the hub. */
export class HubNameError extends PayableError {
  constructor(text: string, what: string) {
    super('files/hub-name', `"${text.slice(0, 120)}" ${what}.`, {
      hint: 'Write OWNER/NAME, or OWNER/NAME@REVISION with a branch, a tag or a commit.',
    });
  }
}

/** An address that is not used: not encrypted, too long, or with a password in it. */
export class AddressRefusedError extends PayableError {
  constructor(text: string) {
    super('files/address', `"${text.slice(0, 120)}" cannot be used as an address.`, {
      hint: 'An address begins with https://, or with http:// for a server on this machine, and holds no password.',
    });
  }
}

/** The files at an address are not those that a download began with. */
export class AddressChangedError extends PayableError {
  constructor(address: string) {
    super('files/address-changed', `The files at ${address.slice(0, 200)} changed since the download began.`, {
      hint: 'Delete what was loaded, then look the address up again.',
    });
  }
}

/** The hub has no such repository, revision or file for this account. */
export class HubMissingError extends PayableError {
  constructor(what: string, hasToken: boolean) {
    super('files/hub-missing', `The hub has no ${what}.`, {
      hint: hasToken
        ? 'Check the spelling; if it is private, use the token of an account that may read it.'
        : 'Check the spelling; if it is private, give a token of an account that may read it.',
    });
  }
}

/** The files of a repository are given out only after its licence was accepted. */
export class HubGatedError extends PayableError {
  /** Where the licence is accepted. */
  readonly page: string;

  constructor(repo: string, page: string, hasToken: boolean) {
    super('files/hub-gated', `${repo} is gated: its files are given out only to accounts that accepted its licence.`, {
      hint: hasToken
        ? `Accept the licence at ${page} with the account of your token, then try again. A fine-grained token also needs the right to read gated repositories.`
        : `Accept the licence at ${page}, then give a read token of that account; it stays on this device.`,
    });
    this.page = page;
  }
}

/** The hub does not accept the token. */
export class HubTokenError extends PayableError {
  constructor(what: string) {
    super('files/hub-token', `The hub's token ${what}.`, {
      hint: 'Make a new read token in the settings of your account, or leave the token out for open models.',
    });
  }
}

/** The hub answered something that is no valid answer. */
export class HubAnswerError extends PayableError {
  constructor(repo: string, what: string, cause?: unknown) {
    super('files/hub-answer', `The hub's answer for ${repo} cannot be used: ${what}.`, {
      hint: 'Try again later, or download the files yourself and open their folder.',
      cause,
    });
  }
}

/** The device has less room than a download needs. Nothing was fetched. */
export class NoRoomError extends PayableError {
  constructor(neededBytes: number, freeBytes: number) {
    super('files/no-room', `The download needs ${neededBytes} bytes and the device has ${freeBytes} free.`, {
      hint: 'Free some room, or choose a smaller model.',
    });
  }
}

/** A file of the same name that no download of this product wrote lies where a download would put its own. */
export class FileInTheWayError extends PayableError {
  constructor(path: string) {
    super('files/in-the-way', `Another file named "${path}" is already there.`, {
      hint: 'Choose another folder, or move that file away.',
    });
  }
}
