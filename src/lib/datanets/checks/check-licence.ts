// Whether rows under one licence may go into a Datanet under another: what the Datanet allows, they must allow, too. The same
// rule as `checkLicence` of contracts/src/registry/LicenceTable.sol.

import { findLicence, type Licence } from '#lib/formats/datanet/licences.ts';

/** What the rows' licence forbids that the Datanet's allows; empty when they may go in. */
export function licenceConflicts(rows: Licence, datanet: Licence): ('commercial' | 'derivative')[] {
  return (['commercial', 'derivative'] as const).filter((use) => datanet[use] && !rows[use]);
}

/** The licence a row names itself, if it is one that is listed; null if it names none; its text if nobody knows it. */
export function rowLicence(value: unknown): Licence | string | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  return findLicence(value.trim()) ?? value.trim().slice(0, 80);
}
