// Turns texts into numbers in columns chosen by the user: a CSV file cannot state which of its columns are numbers.

import { isRowNumber } from '#lib/formats/json/exact-number.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';

/** Whether a text is a JSON number that a row can hold. 007 may be a name, and 1,5 depends on the country. */
export const isNumberText = (text: string): boolean =>
  text.length < 400 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) && isRowNumber(text);

/** `record` with these fields as numbers; blank ones become null. @throws FormatError for other texts */
export function readNumbers(record: JsonObject, names: readonly string[], where: string): JsonObject {
  if (names.length === 0) return record;
  const read: Record<string, unknown> = { ...record };
  for (const name of names) {
    const value = record[name];
    if (typeof value !== 'string') continue;
    const text = value.trim();
    if (text !== '' && !isNumberText(text)) {
      throw new FormatError(where, `field "${name.slice(0, 60)}" is "${text.slice(0, 60)}", which is not a number`, {
        hint: 'Correct it, or keep the field as texts.',
      });
    }
    read[name] = text === '' ? null : Number(text);
  }
  return read;
}
