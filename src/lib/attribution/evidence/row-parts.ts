// The texts of a row that evidence is looked for in: every text and number that a model can learn, each with its place in the row.

import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

export interface RowPart {
  /** A JSON pointer (RFC 6901), such as /messages/1/content. */
  path: string;
  text: string;
}

const MAX_DEPTH = 64;
/** Fields that say where a row comes from and what may be done with it. */
const ABOUT = new Set(['id', 'contributor', 'licence', 'attachments']);

/** In the order of the row's canonical form. Sealed values, names of fields and the roles of messages do not count. */
export function* rowParts(row: JsonObject): Generator<RowPart, void, undefined> {
  const isSealed = sealedBox(row) !== null;
  for (const name of Object.keys(row).sort()) {
    if (ABOUT.has(name) || (isSealed && name === 'sealed')) continue;
    yield* partsIn(row[name], `/${escaped(name)}`, 1);
  }
}

function* partsIn(value: unknown, path: string, depth: number): Generator<RowPart, void, undefined> {
  if (typeof value === 'string') yield { path, text: value };
  else if (typeof value === 'number') yield { path, text: String(value) };
  else if (depth >= MAX_DEPTH) return;
  else if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) yield* partsIn(one, `${path}/${at}`, depth + 1);
  } else if (isJsonObject(value)) {
    for (const name of Object.keys(value).sort()) {
      if (name === 'role' && path.startsWith('/messages/') && depth === 2) continue;
      yield* partsIn(value[name], `${path}/${escaped(name)}`, depth + 1);
    }
  }
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
