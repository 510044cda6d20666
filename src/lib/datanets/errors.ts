// What a Datanet refuses beyond what the dataset room does: imports without rows, unfit contributions, publications that
// would be refused by the chain.

import type { Hex } from '#lib/core/bytes.ts';
import { PayableError } from '#lib/core/errors.ts';

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

/** Of a file that holds rows, what was chosen to be left out leaves none. */
export class NothingLeftError extends PayableError {
  constructor(file: string, leftOut: number) {
    const all = leftOut === 1 ? 'its only row is' : `all of its ${leftOut.toLocaleString('en')} rows are`;
    super('datanets/nothing-left', `${file}: ${all} left out, so there is nothing to contribute.`, {
      hint: 'What was said before counts once. Untick what is left out, or choose another file.',
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
