// Whether the licences of the data allow an adapter to be made of it, which is a derivative, and what they ask of its own licence.

import { isShareAlike, type Licence } from '#lib/formats/datanet/licences.ts';
import { rowLicence } from '#lib/formats/datanet/row-licence.ts';
import { TrainingDataError } from './errors.ts';
import type { RowSource, SourcedRow } from './training-row.ts';

export interface AdapterTerms {
  /** SPDX ids of the data, sorted. */
  licences: string[];
  commercial: boolean;
  /** The licence that the adapter must have, if one asks for its own. */
  shareAlike: string | null;
  /** Why the adapter cannot be published, as a sentence; null when it can. */
  unpublishable: string | null;
}

const HINT = 'Leave it out, or ask for other terms.';

/** @throws TrainingDataError when a licence of a source forbids derivatives */
export function checkSourceLicences(sources: readonly Pick<RowSource, 'name' | 'licence'>[]): void {
  for (const { name, licence } of sources) {
    if (licence === 'own' || licence.derivative) continue;
    const what = licence.spdx === 'NOASSERTION' ? 'has no licence, so nothing may be made of it' : forbids(licence);
    throw new TrainingDataError(`${name} ${what}.`, HINT);
  }
}

const forbids = ({ spdx }: Licence): string =>
  `has the licence ${spdx}, which forbids derivatives, and an adapter is one`;

/**
 * The terms for an adapter of these rows. A row may name a licence of its own.
 * @throws TrainingDataError that names the first row which may not be used, and how many there are
 */
export function termsOf(
  sources: readonly Pick<RowSource, 'name' | 'licence'>[],
  rows: readonly Pick<SourcedRow, 'id' | 'source' | 'value'>[],
): AdapterTerms {
  checkSourceLicences(sources);
  const found = new Map<string, Licence>();
  const barred: { id: string; name: string; why: string }[] = [];
  for (const { licence } of sources) if (licence !== 'own') found.set(licence.spdx, licence);
  for (const { id, source, value } of rows) {
    const own = rowLicence(value['licence']);
    if (own === null) continue;
    const { name } = sources[source]!;
    if (typeof own === 'string') barred.push({ id, name, why: `has the licence "${own}", which is not known` });
    else if (!own.derivative) barred.push({ id, name, why: forbids(own) });
    else found.set(own.spdx, own);
  }
  const [first] = barred;
  if (first) {
    const more = barred.length > 1 ? `, and ${barred.length - 1} more like it` : '';
    throw new TrainingDataError(`Row ${first.id} of ${first.name} ${first.why}${more}.`, HINT);
  }
  const all = [...found.values()];
  const alike = all.filter(({ spdx }) => isShareAlike(spdx)).map(({ spdx }) => spdx);
  return {
    licences: [...found.keys()].sort(),
    commercial: all.every(({ commercial }) => commercial),
    shareAlike: alike[0] ?? null,
    unpublishable: unpublishable(alike, all),
  };
}

function unpublishable(alike: readonly string[], all: readonly Licence[]): string | null {
  const [first, second] = alike;
  if (first === undefined) return null;
  if (second !== undefined)
    return `${first} and ${second} each ask for their own licence, so no licence fits the adapter.`;
  const own = all.find(({ spdx }) => spdx === first)!;
  const stricter = own.commercial ? all.find(({ commercial }) => !commercial) : undefined;
  return stricter
    ? `${first} allows commercial use and asks for its own licence, and ${stricter.spdx} forbids commercial use.`
    : null;
}
