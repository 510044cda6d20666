// Errors of this browser's storage.

import { PayableError } from '#lib/core/errors.ts';

/** The browser refused to read or write its database. */
export class StorageError extends PayableError {
  constructor(cause: unknown) {
    const full = cause instanceof Error && /quota/i.test(`${cause.name} ${cause.message}`);
    super('db/storage', full ? 'This browser has no room left.' : 'This browser cannot keep anything.', {
      hint: full
        ? 'Delete some conversations or datasets, or free some space.'
        : 'You can go on, but nothing is kept after a reload. Private windows often refuse storage.',
      cause,
    });
  }
}
