// What versions of a dataset can be refused for, beyond damaged files: rows that contradict each other, versions that are not
// what they say, seals that do not open.

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

/** There is nothing to make a version of. */
export class NoRowsError extends PayableError {
  constructor(file: string) {
    super('datanets/no-rows', `${file}: there is no row.`, { hint: 'Write one JSON object a line.' });
  }
}

/** What was asked for is none of its versions. */
export class UnknownVersionError extends PayableError {
  constructor(of: string, version: string, hint: string) {
    super('datanets/unknown-version', `${of}: there is no version ${version}.`, { hint });
  }
}

/** A version's blocks are sound, but do not add up to what the version says. */
export class VersionUnsoundError extends PayableError {
  constructor(file: string, what: string) {
    super('datanets/unsound', `${file}: ${what}.`, { hint: 'Do not use this version; ask its publisher.' });
  }
}

/** A row was asked for that a version does not have. */
export class RowUnknownError extends PayableError {
  constructor(file: string, row: string, rows: number) {
    super('datanets/row-unknown', `${file}: there is no row "${row.slice(0, 80)}".`, {
      hint: `Name a row by its id, or by its place from 0 to ${rows - 1}.`,
    });
  }
}

/** A contribution is not signed by whose it says it is. */
export class UnsignedError extends PayableError {
  constructor(file: string, signer: Hex | null, contributor: Hex) {
    super('datanets/unsigned', `${file}: it is signed by ${signer ?? 'nobody'}, not by ${contributor}.`, {
      hint: 'Do not use this contribution; ask its contributor.',
    });
  }
}

/** A card says that a key is a member's, and it is not. */
export class BadCardError extends PayableError {
  constructor(address: Hex, what: string, cause?: unknown) {
    super('datanets/bad-card', `The card of ${address} does not count: ${what}.`, {
      hint: 'Ask the member to make it again, on the page of this Datanet.',
      cause,
    });
  }
}

/** A ring of keys holds none for this member. */
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
