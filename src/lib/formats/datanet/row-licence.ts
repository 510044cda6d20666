// The licence that a row names in its field `licence`.

import { findLicence, type Licence } from './licences.ts';

/** A listed licence, the text itself when it is not listed, or null when the row names none. */
export function rowLicence(value: unknown): Licence | string | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  return findLicence(value.trim()) ?? value.trim().slice(0, 80);
}
