// Errors of files in Node.

import { PayableError } from '#lib/core/errors.ts';

/** A file or directory cannot be read or written. */
export class FileError extends PayableError {
  constructor(path: string, what: string, hint: string, cause?: unknown) {
    super('node/file', `${path}: ${what}.`, { hint, cause });
  }
}

/** A folder of a kind that only a browser can open. */
export class FolderKindError extends PayableError {
  constructor(kind: string) {
    super('node/folder-kind', `The command line opens directories, not a ${kind}.`, {
      hint: 'Download the files and name their directory.',
    });
  }
}
