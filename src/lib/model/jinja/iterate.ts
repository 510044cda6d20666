// Iterates over values like Python: a text by characters, a dict by keys, an undefined value as empty.

import { fail } from './failure.ts';
import { Dict, DictView, isText, Range, Stream, textOf, Tuple, typeName, Undefined, type Value } from './values.ts';

export function iterate(value: Value): Iterator<Value, unknown> {
  const known = members(value);
  if (known !== null) return known[Symbol.iterator]();
  if (value instanceof Stream) return value.iterator;
  return fail('TypeError', `'${typeName(value)}' object is not iterable`);
}

export const canIterate = (value: Value): boolean => value instanceof Stream || members(value) !== null;

function members(value: Value): Iterable<Value> | null {
  if (Array.isArray(value)) return value;
  if (isText(value)) return textOf(value);
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return new DictView(value, 'keys').items();
  if (value instanceof DictView) return value.items();
  if (value instanceof Range) return Array.from({ length: value.length }, (_, i) => value.at(i));
  if (value instanceof Undefined) return [];
  return null;
}

/** All items in a new list. */
export function toList(value: Value): Value[] {
  const iterator = iterate(value);
  const out: Value[] = [];
  for (let next = iterator.next(); !next.done; next = iterator.next()) out.push(next.value);
  return out;
}
