// Binds the arguments of calls to named parameters, like Python, and converts them to the types a function expects.

import { fail } from './failure.ts';
import { isText, textOf, truth, typeName, Undefined, type CallArguments, type Value } from './values.ts';

/** One entry per name; undefined when not given. */
export function bind(what: string, args: CallArguments, names: readonly string[], required = 0): (Value | undefined)[] {
  const { positional, named } = args;
  if (positional.length > names.length)
    return fail('TypeError', `${what}() takes ${names.length} arguments but ${positional.length} were given`);
  const out = names.map((name, i) => {
    if (i < positional.length) {
      if (named.has(name)) return fail('TypeError', `${what}() got multiple values for argument '${name}'`);
      return positional[i];
    }
    return named.get(name);
  });
  for (const name of named.keys())
    if (!names.includes(name)) return fail('TypeError', `${what}() got an unexpected keyword argument '${name}'`);
  const lacking = names.find((_, i) => i < required && out[i] === undefined);
  if (lacking !== undefined) return fail('TypeError', `${what}() missing required argument: '${lacking}'`);
  return out;
}

export function wantText(value: Value, what: string): string {
  if (isText(value)) return textOf(value);
  return fail('TypeError', `${what} must be str, not ${typeName(value)}`);
}

/** A text, or undefined when None or not given. */
export const optionalText = (value: Value | undefined, what: string): string | undefined =>
  value === undefined || value === null ? undefined : wantText(value, what);

/** A whole number small enough to count with. */
export function wantCount(value: Value, what = 'an index'): number {
  if (value instanceof Undefined) return value.fail();
  if (typeof value === 'bigint' || typeof value === 'boolean') return clampCount(BigInt(value));
  return fail('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer (${what})`);
}

/** Larger numbers than any length behave alike. */
const clampCount = (value: bigint): number =>
  BigInt.asIntN(53, value) === value ? Number(value) : value > 0n ? 2 ** 52 : -(2 ** 52);

export const optionalCount = (value: Value | undefined): number | undefined =>
  value === undefined || value === null ? undefined : wantCount(value);

export const flag = (value: Value | undefined): boolean => value !== undefined && truth(value);
