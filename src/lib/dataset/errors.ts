// Errors of dataset versions beyond damaged files: conflicting rows, inconsistent versions, and seals that do not open.

import type { Hex } from '#lib/core/bytes.ts';
import { PayableError } from '#lib/core/errors.ts';

/** Two rows have one id and are not equal. */
export class RowConflictError extends PayableError {
  constructor(file: string, id: string, lines: readonly [number, number]) {
    super(
      'datanets/row-conflict',
      `${file} lines ${lines[0]} and ${lines[1]}: two different rows have the id "${id}".`,
      {
        hint: 'Give each row an id of its own.',
      },
    );
  }
}

/** There are no rows to make a version of. */
export class NoRowsError extends PayableError {
  constructor(file: string) {
    super('datanets/no-rows', `${file}: there is no row.`, { hint: 'Write one JSON object a line.' });
  }
}

/** The requested version does not exist. */
export class UnknownVersionError extends PayableError {
  constructor(of: string, version: string, hint: string) {
    super('datanets/unknown-version', `${of}: there is no version ${version}.`, { hint });
  }
}

/** Each block of the version is valid, but they contradict its manifest. */
export class VersionUnsoundError extends PayableError {
  constructor(file: string, what: string) {
    super('datanets/unsound', `${file}: ${what}.`, { hint: 'Do not use this version; ask its publisher.' });
  }
}

/** The requested row is not in the version. */
export class RowUnknownError extends PayableError {
  constructor(file: string, row: string, rows: number) {
    super('datanets/row-unknown', `${file}: there is no row "${row.slice(0, 80)}".`, {
      hint: `Name a row by its id, or by its place from 0 to ${rows - 1}.`,
    });
  }
}

/** The signature is missing or not the contributor's. */
export class UnsignedError extends PayableError {
  constructor(file: string, signer: Hex | null, contributor: Hex) {
    super('datanets/unsigned', `${file}: it is signed by ${signer ?? 'no account'}, not by ${contributor}.`, {
      hint: 'Do not use this contribution; ask its contributor.',
    });
  }
}

/** A member's card whose key or signature is not valid. */
export class BadCardError extends PayableError {
  constructor(address: Hex, what: string, cause?: unknown) {
    super('datanets/bad-card', `The card of ${address} is not valid: ${what}.`, {
      hint: 'Ask the member to make it again, on the page of this Datanet.',
      cause,
    });
  }
}

/** A key ring holds no key for this member. */
export class NotSealedForError extends PayableError {
  constructor(member: Hex, cause?: unknown) {
    super('datanets/not-sealed-for', `These rows are not sealed for ${member}.`, {
      hint: 'Ask their contributor to let you read them, once you are a member.',
      cause,
    });
  }
}

/** A sealed row cannot be opened. */
export class SealBrokenError extends PayableError {
  constructor(where: string, what: string, cause?: unknown) {
    super('datanets/seal-broken', `${where}: ${what}.`, { hint: 'Ask its contributor for the key.', cause });
  }
}
