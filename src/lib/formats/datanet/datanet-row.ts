// A row of a Datanet: a JSON object in its canonical form (RFC 8785), its leaf and its id. Only two fields have a fixed meaning:
// `id`, by which rows are sorted, and `contributor`, the address that is paid for the row.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import { canonicalText, parseCanonical, type CanonicalObject } from '../json/canonical-json.ts';
import { FormatError } from '../errors.ts';
import type { JsonObject } from '../json/json-file.ts';

/** With its line end, the largest row fills a shard. */
export const MAX_ROW_BYTES = (1 << 20) - 1;
export const MAX_ROW_ID_CHARS = 256;
const ID_FROM_LEAF_BYTES = 16;

/** A row's value and its canonical text, whose UTF-8 bytes are hashed and stored. */
export type DatanetRow = CanonicalObject;

/**
 * Parses the row in `text`, one JSON object. `where` is used in errors: a file and a line.
 * @throws FormatError for text without a canonical form, a row that is too long, and an invalid `id` or `contributor`
 */
export const parseRow = (text: string, where: string): DatanetRow => checkRow(parseCanonical(text, where), where);

/** The row with this value, for values that are already parsed. @throws FormatError as above */
export const rowOf = (value: JsonObject, where: string): DatanetRow =>
  checkRow({ value, text: canonicalText(value, where) }, where);

/** The id of a row: its `id` field, otherwise the first 16 bytes of its leaf in hex. */
export function rowId(value: JsonObject, leaf: Uint8Array): string {
  const id = value['id'];
  if (typeof id === 'string') return id;
  if (typeof id === 'number') return String(id);
  return toHex(leaf.subarray(0, ID_FROM_LEAF_BYTES)).slice(2);
}

/** The row's contributor in small letters, or null. */
export function rowContributor(value: JsonObject): Hex | null {
  const who = value['contributor'];
  return typeof who === 'string' ? (who.toLowerCase() as Hex) : null;
}

/** The error for a row of at least `bytes` bytes. */
export const tooLong = (where: string, bytes: number): FormatError =>
  new FormatError(where, `the row has ${bytes} bytes, a row at most ${MAX_ROW_BYTES}`, {
    hint: 'Split it, or attach the long part.',
  });

function checkRow(row: DatanetRow, where: string): DatanetRow {
  const { value, text } = row;
  // A UTF-16 unit takes at least one byte of UTF-8; the exact size is checked when the bytes are made.
  if (text.length > MAX_ROW_BYTES) throw tooLong(where, text.length);
  if (!isRowId(value['id'])) {
    throw new FormatError(where, 'field "id" is not a valid id', {
      hint: `An id is a text of 1 to ${MAX_ROW_ID_CHARS} characters on one line, or a whole number.`,
    });
  }
  if (!isContributor(value['contributor'])) {
    throw new FormatError(where, 'field "contributor" is not an address', {
      hint: 'It is 0x and 40 hex digits; or leave it out.',
    });
  }
  return row;
}

/** Whether the value is valid in field `id`. */
export function isRowId(id: unknown): boolean {
  if (id === undefined || id === null) return true;
  if (typeof id !== 'string') return Number.isSafeInteger(id);
  return id !== '' && id.length <= MAX_ROW_ID_CHARS && !hasControl(id);
}

/** Whether the value is valid in field `contributor`. */
export const isContributor = (who: unknown): boolean =>
  who === undefined || who === null || (typeof who === 'string' && /^0x[0-9a-fA-F]{40}$/.test(who));

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}
