// Licences that a Datanet can have: SPDX ids, and what they allow beyond private use. The first thirteen are those of
// contracts/src/registry/LicenceTable.sol in the same order; the id there is the index here plus one.

export interface Licence {
  /** An SPDX id or expression. */
  spdx: string;
  commercial: boolean;
  derivative: boolean;
}

export interface ListedLicence extends Licence {
  name: string;
  url: string;
}

const listed = (spdx: string, commercial: boolean, derivative: boolean, name: string, url: string): ListedLicence => ({
  spdx,
  commercial,
  derivative,
  name,
  url,
});
const cc = (path: string) => `https://creativecommons.org/${path}/`;

export const LICENCES: readonly ListedLicence[] = [
  listed('CC0-1.0', true, true, 'Public domain (CC0)', cc('publicdomain/zero/1.0')),
  listed('CC-BY-4.0', true, true, 'Attribution', cc('licenses/by/4.0')),
  listed('CC-BY-SA-4.0', true, true, 'Attribution, share alike', cc('licenses/by-sa/4.0')),
  listed('CC-BY-NC-4.0', false, true, 'Attribution, not commercial', cc('licenses/by-nc/4.0')),
  listed('CC-BY-NC-SA-4.0', false, true, 'Attribution, not commercial, share alike', cc('licenses/by-nc-sa/4.0')),
  listed('CC-BY-ND-4.0', true, false, 'Attribution, no derivatives', cc('licenses/by-nd/4.0')),
  listed('CC-BY-NC-ND-4.0', false, false, 'Attribution, not commercial, no derivatives', cc('licenses/by-nc-nd/4.0')),
  listed('ODC-By-1.0', true, true, 'Open Data Commons, attribution', 'https://opendatacommons.org/licenses/by/1-0/'),
  listed('ODbL-1.0', true, true, 'Open Database License', 'https://opendatacommons.org/licenses/odbl/1-0/'),
  listed('PDDL-1.0', true, true, 'Open Data Commons, public domain', 'https://opendatacommons.org/licenses/pddl/1-0/'),
  listed('Apache-2.0', true, true, 'Apache 2.0', 'https://www.apache.org/licenses/LICENSE-2.0'),
  listed('MIT', true, true, 'MIT', 'https://opensource.org/license/mit'),
  listed('BSD-3-Clause', true, true, 'BSD, three clauses', 'https://opensource.org/license/bsd-3-clause'),
];

/** Without a licence no use is allowed. */
export const NO_LICENCE: Licence = { spdx: 'NOASSERTION', commercial: false, derivative: false };

export const findLicence = (spdx: string): ListedLicence | undefined => LICENCES.find((one) => one.spdx === spdx);

const SHARE_ALIKE = new Set(['CC-BY-SA-4.0', 'CC-BY-NC-SA-4.0', 'ODbL-1.0']);

/** Whether what is made from data of this licence must have the same licence. */
export const isShareAlike = (spdx: string): boolean => SHARE_ALIKE.has(spdx);

const NO_ATTRIBUTION = new Set(['CC0-1.0', 'PDDL-1.0']);

/** Whether copies under this licence must name their author. A licence that is not listed is taken to ask for it. */
export const needsAttribution = (spdx: string): boolean => !NO_ATTRIBUTION.has(spdx);

/** Whether `text` has the form of an SPDX id or expression; the ids are not looked up. */
export const isSpdxExpression = (text: string): boolean =>
  text.length <= 200 && /^[\w.+:()-]+( (AND|OR|WITH) [\w.+:()-]+)*$/.test(text);
