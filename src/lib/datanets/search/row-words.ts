// The words of a row: of every text and number in it, at any depth. Names of fields and sealed values do not count.

import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { wordsOf } from './words.ts';

export function* rowWords(row: JsonObject): Generator<string, void, undefined> {
  const isSealed = sealedBox(row) !== null;
  for (const [name, value] of Object.entries(row)) if (!isSealed || name !== 'sealed') yield* valueWords(value);
}

function* valueWords(value: unknown): Generator<string, void, undefined> {
  if (typeof value === 'string') yield* wordsOf(value);
  else if (typeof value === 'number') yield* wordsOf(String(value));
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) yield* valueWords(part);
}
