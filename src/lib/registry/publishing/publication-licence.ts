// Whether a model may have a licence beside those of its sources, by the rule of the contract (`checkLicence` of LicenceTable.sol), in
// words that name the source.

import { isShareAlike, type Licence } from '#lib/formats/datanet/licences.ts';
import { NotPublishableError } from '../errors.ts';

export interface LicensedSource {
  /** As people know it. */
  name: string;
  licence: Licence;
}

/** @throws NotPublishableError that names the first source which forbids it */
export function checkModelLicence(wanted: Licence, sources: readonly LicensedSource[]): void {
  for (const { name, licence } of sources) {
    const { spdx } = licence;
    if (isShareAlike(spdx) && spdx !== wanted.spdx) {
      throw new NotPublishableError(
        `${name} has the licence ${spdx}, which what is made from it must have too; the model would have ${wanted.spdx}.`,
        `Publish it under ${spdx}.`,
      );
    }
    for (const use of ['commercial', 'derivative'] as const) {
      if (!wanted[use] || licence[use]) continue;
      const uses = use === 'commercial' ? 'commercial use' : 'derivatives';
      throw new NotPublishableError(
        `${name} has the licence ${spdx}, which forbids ${uses}; the model would allow it with ${wanted.spdx}.`,
        use === 'commercial' ? 'Choose a licence without commercial use.' : 'Choose a licence without derivatives.',
      );
    }
  }
}
