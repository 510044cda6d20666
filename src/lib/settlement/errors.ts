// Errors of settlement: receipts that are not those that were paid, influence that is not the committed one, questions that have no
// answer, and what a node does not accept.

import { PayableError } from '#lib/core/errors.ts';

/** Published receipts that do not make the pot, so no list can be proven with them. */
export class ReceiptsDifferError extends PayableError {
  constructor(what: string, cause?: unknown) {
    super('settlement/receipts-differ', `The receipts are not those of the pot: ${what}.`, {
      hint: 'Fetch the receipts from another source. Without them this pot cannot be proposed or checked.',
      cause,
    });
  }
}

/** Rows that are not those of the commitment, or that cannot be shown. */
export class InfluenceDiffersError extends PayableError {
  constructor(what: string, cause?: unknown) {
    super('settlement/influence-differs', `The influence cannot be used: ${what}.`, {
      hint: 'Fetch the file of rows and the shares of the Datanets from another source, or answer calls without influence.',
      cause,
    });
  }
}

/** A question of a game to which this pot has no answer that the court accepts. */
export class NoAnswerError extends PayableError {
  constructor(what: string) {
    super('settlement/no-answer', `The question has no answer: ${what}.`, {
      hint: 'The game is about another pot, or about a list that these receipts do not make.',
    });
  }
}

/** A voucher that a node must not take: it could not answer for it later. */
export class VoucherNotAcceptedError extends PayableError {
  constructor(what: string) {
    super('settlement/voucher-not-accepted', `The voucher is not accepted: ${what}.`, {
      hint: 'Ask the payer to sign the lines that this node has built.',
    });
  }
}

/** Receipts that are still needed to answer for a pot. */
export class ReceiptsNeededError extends PayableError {
  constructor(what: string) {
    super('settlement/receipts-needed', `The receipts are kept: ${what}.`, {
      hint: 'They can be deleted when the pot is final or flat.',
    });
  }
}

/** An account that the list, the shares or the rewards do not name. */
export class NothingEarnedError extends PayableError {
  constructor(account: string) {
    super('settlement/nothing-earned', `There is nothing to claim for ${account}.`, {
      hint: 'Earnings appear here when a list with this account is final.',
    });
  }
}

/** A simulation lacks a source of the model version. */
export class LineageUnknownError extends PayableError {
  constructor(what: string) {
    super('settlement/lineage-unknown', `The simulation knows nothing of ${what}, which is in the lineage.`, {
      hint: 'Read it from the chain first.',
    });
  }
}
