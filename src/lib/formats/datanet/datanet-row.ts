// A row of a Datanet: a JSON object in the one form that RFC 8785 gives it, its leaf, and its id. What stands in a row is
// its owner's business, but for two fields: `id`, by which rows are sorted, and `contributor`, who is paid for it.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import { canonicalText, parseCanonical, type CanonicalObject } from '../json/canonical-json.ts';
import { FormatError } from '../errors.ts';
import type { JsonObject } from '../json/json-file.ts';

/** A row and its line end fill a shard at most. */
export const MAX_ROW_BYTES = (1 << 20) - 1;
export const MAX_ROW_ID_CHARS = 256;
const ID_FROM_LEAF_BYTES = 16;

/** Its value, and its canonical text: the UTF-8 bytes of that are hashed and kept. */
export type DatanetRow = CanonicalObject;

/**
 * The row in `text`, one JSON object. `where` is shown in errors: a file and a line.
 *
 * @throws FormatError for what has no canonical form, is too long, or has an `id` or a `contributor` that is none
 */
export const parseRow = (text: string, where: string): DatanetRow => checkRow(parseCanonical(text, where), where);

/** The row that `value` is, for values that do not come as text. @throws FormatError as above */
export const rowOf = (value: JsonObject, where: string): DatanetRow =>
  checkRow({ value, text: canonicalText(value, where) }, where);

/** The id of a row: its `id` field, else the first 16 bytes of its leaf in hex. */
export function rowId(value: JsonObject, leaf: Uint8Array): string {
  const id = value['id'];
  if (typeof id === 'string') return id;
  if (typeof id === 'number') return String(id);
  return toHex(leaf.subarray(0, ID_FROM_LEAF_BYTES)).slice(2);
}

/** Who contributed the row, in small letters, if it says so. */
export function rowContributor(value: JsonObject): Hex | null {
  const who = value['contributor'];
  return typeof who === 'string' ? (who.toLowerCase() as Hex) : null;
}

/** A row of `bytes`, or more. */
export const tooLong = (where: string, bytes: number): FormatError =>
  new FormatError(where, `the row has ${bytes} bytes, a row at most ${MAX_ROW_BYTES}`, {
    hint: 'Split it, or attach the long part.',
  });

function checkRow(row: DatanetRow, where: string): DatanetRow {
  const { value, text } = row;
  // No unit of UTF-16 takes less than a byte of UTF-8; the bytes are counted where they are made.
  if (text.length > MAX_ROW_BYTES) throw tooLong(where, text.length);
  if (!isRowId(value['id'])) {
    throw new FormatError(where, 'field "id" is no id', {
      hint: `An id is a text of 1 to ${MAX_ROW_ID_CHARS} characters on one line, or a whole number.`,
    });
  }
  if (!isContributor(value['contributor'])) {
    throw new FormatError(where, 'field "contributor" is no address', {
      hint: 'It is 0x and 40 hex digits; or leave it out.',
    });
  }
  return row;
}

/** Whether a row may say so in its field `id`. */
export function isRowId(id: unknown): boolean {
  if (id === undefined || id === null) return true;
  if (typeof id !== 'string') return Number.isSafeInteger(id);
  return id !== '' && id.length <= MAX_ROW_ID_CHARS && !hasControl(id);
}

/** Whether a row may say so in its field `contributor`. */
export const isContributor = (who: unknown): boolean =>
  who === undefined || who === null || (typeof who === 'string' && /^0x[0-9a-fA-F]{40}$/.test(who));

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}
