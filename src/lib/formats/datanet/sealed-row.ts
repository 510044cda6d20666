// A row that only members can read: its id, its contributor and its files' ids stay public; all other fields are encrypted in a
// box. Defines the form; dataset/sealed-rows.ts encrypts and decrypts.

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

/** The sealed row for `value`. */
export function sealedRow(value: JsonObject, box: SealedBox, where: string): DatanetRow {
  return rowOf({ ...openPart(value), sealed: { ring: box.ring, box: box.box } }, where);
}

/** The box of a sealed row, or null for a public row. */
export function sealedBox(value: JsonObject): SealedBox | null {
  const { sealed } = value;
  if (!isJsonObject(sealed) || Object.keys(sealed).length !== 2) return null;
  const { ring, box } = sealed;
  const isBox = typeof ring === 'string' && isRingId(ring) && typeof box === 'string' && BASE64URL.test(box);
  return isBox ? { ring, box } : null;
}

/** The public part of a row. Of its files only the ids: names, types and sizes would reveal content. */
export function openPart(value: JsonObject): JsonObject {
  const { id, contributor } = value;
  const files = attachmentsOf(value);
  return {
    ...(id !== undefined && { id }),
    ...(contributor !== undefined && { contributor }),
    ...(files.length > 0 && { attachments: files.map(({ cid }) => ({ cid })) }),
  };
}
