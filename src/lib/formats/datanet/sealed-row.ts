// A row that only some can read: its id, its contributor and the ids of the files it brings stand open, all else is in a box under a
// key. It knows the form; boxes are opened and closed elsewhere.

import { attachmentsOf } from './attachments.ts';
import type { DatanetRow } from './datanet-row.ts';
import { rowOf } from './datanet-row.ts';
import { isRingId } from './datanet-keys.ts';
import { isJsonObject, type JsonObject } from '../json/json-file.ts';

export interface SealedBox {
  /** Id of the ring that has the key. */
  ring: string;
  /** base64url: a nonce of 12 bytes, the sealed row, the tag of AES-GCM. */
  box: string;
}

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** The row in which `value` stands sealed. */
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

/** What of a row is never sealed. Of its files only the ids: names, kinds and sizes tell what is in them. */
export function openPart(value: JsonObject): JsonObject {
  const { id, contributor } = value;
  const files = attachmentsOf(value);
  return {
    ...(id !== undefined && { id }),
    ...(contributor !== undefined && { contributor }),
    ...(files.length > 0 && { attachments: files.map(({ cid }) => ({ cid })) }),
  };
}
