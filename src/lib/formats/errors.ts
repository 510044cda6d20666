// Errors of files from outside: what is wrong, in which file, at which tensor or field, and what to do. Every kind of `Folder`
// throws the same classes.

import { PayableError, type ErrorDetails } from '#lib/core/errors.ts';

/** A file that the caller or another file names does not exist. */
export class FileMissingError extends PayableError {
  constructor(folder: string, path: string, hint?: string, cause?: unknown) {
    super('format/file-missing', `${folder}: there is no file "${path}".`, {
      hint: hint ?? 'Check the path and download the missing file.',
      cause,
    });
  }
}

/** A file is shorter than its header says. */
export class FileTruncatedError extends PayableError {
  constructor(file: string, what: string) {
    super('format/truncated', `${file}: ${what}.`, { hint: 'The download is incomplete; fetch the file again.' });
  }
}

/** A file's content does not follow its format. */
export class FormatError extends PayableError {
  constructor(file: string, what: string, details: ErrorDetails = {}) {
    super('format/invalid', `${file}: ${what}.`, { hint: 'The file is damaged; fetch it again.', ...details });
  }
}

/** The file is well formed but asks for something this product does not compute. */
export class UnsupportedError extends PayableError {
  constructor(file: string, what: string, hint: string) {
    super('format/unsupported', `${file}: ${what}.`, { hint });
  }
}

/** The adapter does not fit the loaded base model. */
export class AdapterMismatchError extends PayableError {
  constructor(adapter: string, what: string) {
    super('format/adapter-mismatch', `${adapter}: ${what}.`, {
      hint: 'This adapter was made for another base; load the base it was trained on.',
    });
  }
}

/** The bytes of a block do not match its content id: they were changed in transit or at the source. */
export class HashMismatchError extends PayableError {
  constructor(file: string, cid: string) {
    super('format/hash-mismatch', `${file}: the bytes of block ${cid} do not have the hash that its id names.`, {
      hint: 'Nothing of it was kept. Fetch it from another source.',
    });
  }
}
