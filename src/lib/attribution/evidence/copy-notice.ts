// What the licence of a row says of an answer that repeats a long part of it word for word. It gives the facts and a line to show;
// nothing is paid by it.

import { findLicence, needsAttribution, NO_LICENCE, type Licence } from '#lib/formats/datanet/licences.ts';
import { rowLicence } from '#lib/formats/datanet/row-licence.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';

/**
 * `forbidden`: no licence allows copies. `unknown`: the licence is not listed here. `not-commercial`: copies must not be sold.
 * `attribution`: the author must be named.
 */
export type CopyTerms = 'forbidden' | 'unknown' | 'not-commercial' | 'attribution';

export interface CopyNotice {
  terms: CopyTerms;
  /** As the row or its version names it. */
  licence: string;
  /** To show with the answer: source, contributor, licence and where its text is. */
  line: string;
}

/** From how many words on, or from which share of an answer on, a span counts as a copy. */
const COPY_WORDS = 50;
const COPY_SHARE = 0.9;

/** Both in words without signs. */
export const isCopy = (words: number, ofAnswer: number): boolean =>
  words >= COPY_WORDS || words >= COPY_SHARE * ofAnswer;

/** Null when the licence lets anyone copy without a word. `ofVersion`: the licence of rows that name none. */
export function copyNotice(
  row: { id: string; value: JsonObject; contributor: string | null },
  ofVersion: Licence,
): CopyNotice | null {
  const found = rowLicence(row.value['licence']) ?? ofVersion;
  const licence = typeof found === 'string' ? found : found.spdx;
  const terms = termsOf(found);
  if (terms === null) return null;
  const who = row.contributor === null ? '' : ` by ${row.contributor}`;
  const url = findLicence(licence)?.url;
  return { terms, licence, line: `Row ${row.id}${who}, ${licence}${url === undefined ? '' : ` (${url})`}` };
}

function termsOf(licence: Licence | string): CopyTerms | null {
  const spdx = typeof licence === 'string' ? licence : licence.spdx;
  if (spdx === NO_LICENCE.spdx) return 'forbidden';
  const known = findLicence(spdx);
  if (!known) return 'unknown';
  if (!known.commercial) return 'not-commercial';
  return needsAttribution(spdx) ? 'attribution' : null;
}
