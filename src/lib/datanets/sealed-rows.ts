// Closes rows for the members of a Datanet and opens them again: AES-256-GCM, a fresh nonce for each row, the Datanet, the id and
// the contributor bound to the box, so that no box opens in another's row. Keys come from elsewhere.

import { base64url } from 'multiformats/bases/base64';
import { canonicalText } from '#lib/core/format/canonical-json.ts';
import { parseRow, type DatanetRow } from '#lib/core/format/datanet-row.ts';
import type { JsonObject } from '#lib/core/format/json-file.ts';
import { openPart, sealedBox, sealedRow } from '#lib/core/format/sealed-row.ts';
import { SealBrokenError } from './errors.ts';

export const ROW_KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** Lengths tell of contents: texts are filled up to a multiple of this. */
const STEP_BYTES = 256;

/** @throws FormatError when the row is too long once it is sealed */
export async function sealRow(
  row: DatanetRow,
  { key, ring, datanet, nonce }: { key: CryptoKey; ring: string; datanet: string; nonce: Uint8Array<ArrayBuffer> },
  where: string,
): Promise<DatanetRow> {
  const text = new TextEncoder().encode(row.text);
  const filled = new Uint8Array(Math.ceil((text.length + 1) / STEP_BYTES) * STEP_BYTES).fill(0x20);
  filled.set(text);
  const additionalData = boundTo(row.value, datanet);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, filled);
  const box = new Uint8Array(NONCE_BYTES + sealed.byteLength);
  box.set(nonce);
  box.set(new Uint8Array(sealed), NONCE_BYTES);
  return sealedRow(row.value, { ring, box: base64url.baseEncode(box) }, where);
}

/**
 * The row that was sealed.
 *
 * @throws SealBrokenError when the key is another one, or the box is not this row's or is damaged; FormatError when what was
 *   sealed is no row
 */
export async function openRow(value: JsonObject, key: CryptoKey, datanet: string, where: string): Promise<DatanetRow> {
  const sealed = sealedBox(value);
  if (!sealed) throw new SealBrokenError(where, 'it is not sealed');
  const box = decodeBox(sealed.box, where);
  const iv = box.subarray(0, NONCE_BYTES);
  const additionalData = boundTo(value, datanet);
  let filled: ArrayBuffer;
  try {
    filled = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, box.subarray(NONCE_BYTES));
  } catch (cause) {
    throw new SealBrokenError(where, 'this key does not open it', cause);
  }
  const row = parseRow(new TextDecoder().decode(filled).trimEnd(), where);
  const [inside, outside] = [openPart(row.value), openPart(value)];
  if (canonicalText(inside, where) !== canonicalText(outside, where)) {
    throw new SealBrokenError(where, 'what was sealed is the row of another id or contributor');
  }
  return row;
}

export const importRowKey = (bytes: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', Uint8Array.from(bytes), 'AES-GCM', false, ['encrypt', 'decrypt']);

const boundTo = (value: JsonObject, datanet: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`${datanet}|${canonicalText(openPart(value), 'row')}`);

function decodeBox(text: string, where: string): Uint8Array<ArrayBuffer> {
  try {
    const box = Uint8Array.from(base64url.baseDecode(text));
    if (box.length > NONCE_BYTES) return box;
  } catch (cause) {
    throw new SealBrokenError(where, 'its box is damaged', cause);
  }
  throw new SealBrokenError(where, 'its box is empty');
}
