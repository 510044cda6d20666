// Whether rows under one licence may go into a Datanet under another: every use that the Datanet allows, the rows must allow.
// Same rule as `checkLicence` in contracts/src/registry/LicenceTable.sol.

import type { Licence } from '#lib/formats/datanet/licences.ts';

/** Uses that the Datanet allows and the rows' licence forbids; empty when the rows may go in. */
export function licenceConflicts(rows: Licence, datanet: Licence): ('commercial' | 'derivative')[] {
  return (['commercial', 'derivative'] as const).filter((use) => datanet[use] && !rows[use]);
}
