// What a Datanet can refuse beyond damaged files: rows that contradict each other, versions that are not what they say.

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

/** A file was read, and of its rows none can be used. */
export class NoUsableRowError extends PayableError {
  constructor(file: string, first: { message: string; hint: string } | undefined) {
    const why = first ? `; the first: ${first.message.replace(/\.$/, '')}` : '';
    super('datanets/no-usable-row', `${file}: no row can be used${why}.`, {
      hint: first?.hint ?? 'Choose another file.',
    });
  }
}

/** Nobody made it, or not there. `where` is a chain, or what came with the app. */
export class UnknownDatanetError extends PayableError {
  constructor(id: string, where: string) {
    super('datanets/unknown', `There is no Datanet ${id} ${where}.`, {
      hint: 'Choose one from the list, or change the chain.',
    });
  }
}

/** What was asked for is none of its versions. */
export class UnknownVersionError extends PayableError {
  constructor(of: string, version: string, hint: string) {
    super('datanets/unknown-version', `${of}: there is no version ${version}.`, { hint });
  }
}

/** Of a file that holds rows, what was chosen to be left out leaves none. */
export class NothingLeftError extends PayableError {
  constructor(file: string, leftOut: number) {
    const all = leftOut === 1 ? 'its only row is' : `all of its ${leftOut.toLocaleString('en')} rows are`;
    super('datanets/nothing-left', `${file}: ${all} left out, so there is nothing to contribute.`, {
      hint: 'What was said before counts once. Untick what is left out, or choose another file.',
    });
  }
}

/** A version's blocks are sound, but do not add up to what the version says. */
export class VersionUnsoundError extends PayableError {
  constructor(file: string, what: string) {
    super('datanets/unsound', `${file}: ${what}.`, { hint: 'Do not use this version; ask its publisher.' });
  }
}

/** A block that a version names is nowhere to be found. */
export class BlockMissingError extends PayableError {
  constructor(file: string, cid: string) {
    super('datanets/block-missing', `${file}: block ${cid} is missing.`, {
      hint: 'Fetch the version again, whole.',
    });
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

/** A row that is contributed belongs to somebody else. */
export class OtherContributorError extends PayableError {
  constructor(where: string, owner: Hex, contributor: Hex) {
    super('datanets/other-contributor', `${where}: the row is ${owner}'s, and ${contributor} contributes.`, {
      hint: 'Contribute rows of your own; leave their field "contributor" out.',
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

/** A contribution is not what the chain was told of it, or not for this Datanet. */
export class ContributionUnfitError extends PayableError {
  constructor(contribution: string, what: string) {
    super('datanets/contribution-unfit', `Contribution ${contribution}: ${what}.`, {
      hint: 'Reject it; its contributor can make another.',
    });
  }
}

/** There is nothing to publish: what curators took is in the current version, and nothing of it was taken back. */
export class NothingNewError extends PayableError {
  constructor() {
    super('datanets/nothing-new', 'The current version holds everything that was taken.', {
      hint: 'Review contributions first.',
    });
  }
}

/** A version was handed on to the chain, and what became of it is not known yet: a second one would only be refused. */
export class PublicationUnderWayError extends PayableError {
  constructor(id: bigint) {
    super('datanets/publication-under-way', `A version of Datanet ${id} that you published is under way.`, {
      hint: 'Wait until its transaction has ended; then look again.',
    });
  }
}

/** The search over a version ended before it answered. */
export class SearchGoneError extends PayableError {
  constructor(reason: string) {
    super('datanets/search-gone', `The search has ended: ${reason}.`, { hint: 'Read the rows again.' });
  }
}
