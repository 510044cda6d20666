// Errors of Datanets beyond those of the dataset room: imports without rows, unfit contributions, and publications that the chain
// would refuse.

import type { Hex } from '#lib/core/bytes.ts';
import { PayableError } from '#lib/core/errors.ts';

/** A file was read, but none of its rows can be used. */
export class NoUsableRowError extends PayableError {
  constructor(file: string, first: { message: string; hint: string } | undefined) {
    const why = first ? `; the first: ${first.message.replace(/\.$/, '')}` : '';
    super('datanets/no-usable-row', `${file}: no row can be used${why}.`, {
      hint: first?.hint ?? 'Choose another file.',
    });
  }
}

/** The Datanet does not exist here. `where` is a chain, or the Datanets that come with the app. */
export class UnknownDatanetError extends PayableError {
  constructor(id: string, where: string) {
    super('datanets/unknown', `There is no Datanet ${id} ${where}.`, {
      hint: 'Choose one from the list, or change the chain.',
    });
  }
}

/** All rows of the file were left out by the user's choice. */
export class NothingLeftError extends PayableError {
  constructor(file: string, leftOut: number) {
    const all = leftOut === 1 ? 'its only row is' : `all of its ${leftOut.toLocaleString('en')} rows are`;
    super('datanets/nothing-left', `${file}: ${all} left out, so there is nothing to contribute.`, {
      hint: 'Duplicates count once. Untick what is left out, or choose another file.',
    });
  }
}

/** A contributed row names another contributor. */
export class OtherContributorError extends PayableError {
  constructor(where: string, owner: Hex, contributor: Hex) {
    super('datanets/other-contributor', `${where}: the row is ${owner}'s, and ${contributor} contributes.`, {
      hint: 'Contribute rows of your own; leave their field "contributor" out.',
    });
  }
}

/** A contribution differs from the chain's record, or is not for this Datanet. */
export class ContributionUnfitError extends PayableError {
  constructor(contribution: string, what: string) {
    super('datanets/contribution-unfit', `Contribution ${contribution}: ${what}.`, {
      hint: 'Reject it; its contributor can make another.',
    });
  }
}

/** Nothing to publish: the current version holds all accepted contributions and no withdrawn one. */
export class NothingNewError extends PayableError {
  constructor() {
    super('datanets/nothing-new', 'The current version holds all accepted contributions.', {
      hint: 'Review contributions first.',
    });
  }
}

/** A version was sent to the chain and its outcome is not known yet; the chain would refuse a second one. */
export class PublicationUnderWayError extends PayableError {
  constructor(id: bigint) {
    super('datanets/publication-under-way', `A version of Datanet ${id} that you published is under way.`, {
      hint: 'Wait until its transaction has ended; then look again.',
    });
  }
}

/** The search over a version ended before it returned a result. */
export class SearchGoneError extends PayableError {
  constructor(reason: string) {
    super('datanets/search-gone', `The search has ended: ${reason}.`, { hint: 'Read the rows again.' });
  }
}
