// What each proof before the Court claims to be false in a proposal, in words.

import type { ProofName } from './court-proof.ts';

export const ACCUSATIONS: Readonly<Record<ProofName, string>> = {
  proveWeight: 'a row weighs something else in a call',
  proveAmount: 'an entry does not pay what its share is worth',
  proveEntryWithoutCall: 'an entry pays for a call that is not there',
  proveEntryWithoutShare: 'an entry pays for a share that is not there',
  proveShareWithoutEntry: 'a share is paid by no entry',
  proveSum: 'a sum is not that of its parts',
  proveCall: 'a call lists what no call may list',
  proveBudget: 'the pools are not what the Settlement set aside',
  proveOrder: 'two leaves are out of order',
  proveCallOrder: 'two calls are out of order',
  proveShareOrder: 'two shares are out of order',
  proveAccount: 'an account’s total is not its old one plus its entries',
  proveMissingRow: 'a row that weighs enough is left out',
  proveBetterRow: 'a lighter row stands for its cluster',
  proveForeignTree: 'a call uses an influence that its model has not committed',
  proveForeignRow: 'a share names a row that is another’s',
};
