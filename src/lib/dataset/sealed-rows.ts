// Seals rows and their files for the members of a Datanet, and opens them: a fresh nonce for each; the Datanet and the row's
// public part are authenticated, so that a box cannot be moved to another row. Callers supply keys.

import { base64url } from 'multiformats/bases/base64';
import { canonicalText } from '#lib/formats/json/canonical-json.ts';
import { parseRow, type DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { openPart, sealedBox, sealedRow } from '#lib/formats/datanet/sealed-row.ts';
import { closeBox, openBox } from './aes-box.ts';
import { SealBrokenError } from './errors.ts';

export const ROW_KEY_BYTES = 32;
/** Lengths reveal content, so texts are padded to a multiple of this. */
const STEP_BYTES = 256;

/**
 * @throws FormatError when the sealed row is too long
 *
 * @example
 * import { importRowKey, ROW_KEY_BYTES, sealRow } from '#lib/dataset/sealed-rows.ts';
 *
 * const key = await importRowKey(crypto.getRandomValues(new Uint8Array(ROW_KEY_BYTES)));
 * const nonce = crypto.getRandomValues(new Uint8Array(12));
 * const sealed = await sealRow(row, { key, ring: ring.toString(), datanet, nonce }, 'birds.jsonl line 1');
 */
export async function sealRow(
  row: DatanetRow,
  { key, ring, datanet, nonce }: { key: CryptoKey; ring: string; datanet: string; nonce: Uint8Array<ArrayBuffer> },
  where: string,
): Promise<DatanetRow> {
  const text = new TextEncoder().encode(row.text);
  const filled = new Uint8Array(Math.ceil((text.length + 1) / STEP_BYTES) * STEP_BYTES).fill(0x20);
  filled.set(text);
  const box = await closeBox(filled, { key, nonce, bound: boundTo(row.value, datanet) });
  return sealedRow(row.value, { ring, box: base64url.baseEncode(box) }, where);
}

/**
 * Decrypts the row in `value`.
 * @throws SealBrokenError when the key is wrong, or the box is damaged or of another row; FormatError when the decrypted content
 * is not a row
 *
 * @example
 * import { importRowKey, openRow } from '#lib/dataset/sealed-rows.ts';
 *
 * const key = await importRowKey(rowKey);
 * const [sealed] = await version.rows(version.shards[0]!, signal);
 * const { text } = await openRow(sealed!.value, key, datanet, sealed!.id);
 */
export async function openRow(value: JsonObject, key: CryptoKey, datanet: string, where: string): Promise<DatanetRow> {
  const sealed = sealedBox(value);
  if (!sealed) throw new SealBrokenError(where, 'it is not sealed');
  const box = decodeBox(sealed.box, where);
  const filled = await openWith(box, { key, bound: boundTo(value, datanet) }, where);
  const row = parseRow(new TextDecoder().decode(filled).trimEnd(), where);
  const [inside, outside] = [openPart(row.value), openPart(value)];
  if (canonicalText(inside, where) !== canonicalText(outside, where)) {
    throw new SealBrokenError(where, 'what was sealed is the row of another id or contributor');
  }
  return row;
}

/**
 * Seals a file that sealed rows bring.
 *
 * @example
 * import { importRowKey, sealFile } from '#lib/dataset/sealed-rows.ts';
 *
 * const key = await importRowKey(rowKey);
 * const picture = new Uint8Array(await file.arrayBuffer());
 * const box = await sealFile(picture, { key, datanet, nonce: crypto.getRandomValues(new Uint8Array(12)) });
 */
export const sealFile = (
  bytes: Uint8Array<ArrayBuffer>,
  { key, datanet, nonce }: { key: CryptoKey; datanet: string; nonce: Uint8Array<ArrayBuffer> },
): Promise<Uint8Array<ArrayBuffer>> => closeBox(bytes, { key, nonce, bound: fileOf(datanet) });

/**
 * @throws SealBrokenError
 *
 * @example
 * import { importRowKey, openFile } from '#lib/dataset/sealed-rows.ts';
 *
 * const key = await importRowKey(rowKey);
 * const box = new Uint8Array(await file.arrayBuffer());
 * const picture = new Blob([await openFile(box, key, datanet, file.name)]);
 */
export const openFile = (
  box: Uint8Array<ArrayBuffer>,
  key: CryptoKey,
  datanet: string,
  where: string,
): Promise<Uint8Array<ArrayBuffer>> => openWith(box, { key, bound: fileOf(datanet) }, where);

const fileOf = (datanet: string): string => `${datanet}|file`;

async function openWith(box: Uint8Array<ArrayBuffer>, to: Parameters<typeof openBox>[1], where: string) {
  try {
    return await openBox(box, to);
  } catch (cause) {
    throw new SealBrokenError(where, 'this key does not open it', cause);
  }
}

/**
 * @example
 * import { importRowKey, ROW_KEY_BYTES } from '#lib/dataset/sealed-rows.ts';
 *
 * const bytes = crypto.getRandomValues(new Uint8Array(ROW_KEY_BYTES));
 * const key = await importRowKey(bytes);
 * bytes.fill(0);
 */
export const importRowKey = (bytes: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', Uint8Array.from(bytes), 'AES-GCM', false, ['encrypt', 'decrypt']);

const boundTo = (value: JsonObject, datanet: string): string => `${datanet}|${canonicalText(openPart(value), 'row')}`;

function decodeBox(text: string, where: string): Uint8Array<ArrayBuffer> {
  try {
    const box = Uint8Array.from(base64url.baseDecode(text));
    if (box.length > 0) return box;
  } catch (cause) {
    throw new SealBrokenError(where, 'its box is damaged', cause);
  }
  throw new SealBrokenError(where, 'its box is empty');
}
