// Converts plain data to values of a template: JSON, and also ints of any size and floats with whole values.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import { fail } from './failure.ts';
import { Dict, type Value } from './values.ts';

const MAX_DEPTH = 200;

export function fromPlain(input: Plain, depth = 0): Value {
  if (depth > MAX_DEPTH) return fail('LimitError', `the input is nested more than ${MAX_DEPTH} levels deep`);
  switch (typeof input) {
    case 'undefined':
      return null;
    case 'boolean':
    case 'bigint':
    case 'string':
      return input;
    case 'number':
      return Number.isInteger(input) ? BigInt(input) : input;
    case 'object':
      break;
    default:
      return fail('TypeError', `the input holds a ${typeof input}`);
  }
  if (input === null) return null;
  if (input instanceof Number) return Number(input);
  if (Array.isArray(input)) return (input as Plain[]).map((item) => fromPlain(item, depth + 1));
  const entries: [string, Plain][] =
    input instanceof Map ? [...(input as Map<string, Plain>)] : Object.entries(input as Record<string, Plain>);
  return Dict.of(
    entries.filter(([, value]) => value !== undefined).map(([key, value]) => [key, fromPlain(value, depth + 1)]),
  );
}
