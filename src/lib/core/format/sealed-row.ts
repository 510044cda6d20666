// A row that only some can read: its id and its contributor stand open, all else is in a box under a key. It knows the form;
// boxes are opened and closed elsewhere.

import type { DatanetRow } from './datanet-row.ts';
import { rowOf } from './datanet-row.ts';
import { isRingId } from './datanet-keys.ts';
import { isJsonObject, type JsonObject } from './json-file.ts';

export interface SealedBox {
  /** Id of the ring that has the key. */
  ring: string;
  /** base64url: a nonce of 12 bytes, the sealed row, the tag of AES-GCM. */
  box: string;
}

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** The row in which `value` stands sealed. Its id, if it has one, and its contributor are kept open. */
export function sealedRow(value: JsonObject, box: SealedBox, where: string): DatanetRow {
  return rowOf({ ...openPart(value), sealed: { ring: box.ring, box: box.box } }, where);
}

/** The box of a row, or null for a row that anyone can read. */
export function sealedBox(value: JsonObject): SealedBox | null {
  const { sealed } = value;
  if (!isJsonObject(sealed) || Object.keys(sealed).length !== 2) return null;
  const { ring, box } = sealed;
  const isBox = typeof ring === 'string' && isRingId(ring) && typeof box === 'string' && BASE64URL.test(box);
  return isBox ? { ring, box } : null;
}

/** What of a row is never sealed. */
export function openPart({ id, contributor }: JsonObject): JsonObject {
  return { ...(id !== undefined && { id }), ...(contributor !== undefined && { contributor }) };
}
