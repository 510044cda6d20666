// Filters that return numbers: int, float, round, abs.

import { bind, flag, wantCount, wantText } from './arguments.ts';
import { negate } from './arithmetic.ts';
import { order } from './equality.ts';
import { fail } from './failure.ts';
import { isNumber, numeric, toFloat } from './numbers.ts';
import { fixedDigits } from './number-text.ts';
import type { Filter } from './runtime.ts';
import { isText, textOf, typeName, Undefined, type Value } from './values.ts';
import { stripEnd, stripStart } from './white-space.ts';

const FLOAT = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;

/** The value of Python's float(), or null. */
export function toNumber(value: Value): bigint | number | null {
  if (isNumber(value)) return numeric(value);
  if (!isText(value)) return null;
  const text = stripEnd(stripStart(textOf(value)));
  if (text.length < 4000 && FLOAT.test(text)) return Number(text.replaceAll('_', ''));
  const word = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text);
  if (!word) return null;
  return word[2]!.toLowerCase() === 'nan' ? NaN : word[1] === '-' ? -Infinity : Infinity;
}

/** The value of Python's int(text, base), or null. */
function parseWhole(raw: string, base: number): bigint | null {
  const [, sign, rest = ''] = /^([+-]?)([^]*)$/.exec(stripEnd(stripStart(raw)).toLowerCase())!;
  const prefix = /^0([xob])_?/.exec(rest);
  const named = prefix ? { x: 16, o: 8, b: 2 }[prefix[1] as 'x' | 'o' | 'b'] : 10;
  const hasPrefix = prefix !== null && (base === 0 || base === named);
  const radix = base === 0 ? named : base;
  const digits = hasPrefix ? rest.slice(prefix[0].length) : rest;
  if (radix < 2 || radix > 36 || digits.length > 4300 || !/^[0-9a-z]+(?:_[0-9a-z]+)*$/.test(digits)) return null;
  let value = 0n;
  for (const sign of digits.replaceAll('_', '')) {
    const digit = parseInt(sign, 36);
    if (digit >= radix) return null;
    value = value * BigInt(radix) + BigInt(digit);
  }
  return sign === '-' ? -value : value;
}

const int: Filter = (input, args) => {
  const [fallback = 0n, base = 10n] = bind('int', args, ['default', 'base']);
  if (input instanceof Undefined) return input.fail();
  const whole = isText(input) ? parseWhole(textOf(input), wantCount(base)) : null;
  if (whole !== null) return whole;
  const number = toNumber(input);
  if (typeof number === 'bigint') return number;
  return number === null || !Number.isFinite(number) ? fallback : BigInt(Math.trunc(number));
};

const float: Filter = (input, args) => {
  const [fallback = 0] = bind('float', args, ['default']);
  if (input instanceof Undefined) return input.fail();
  const number = toNumber(input);
  return number === null ? fallback : toFloat(number);
};

const round: Filter = (input, args) => {
  const [places = 0n, method = 'common'] = bind('round', args, ['precision', 'method']);
  if (input instanceof Undefined) return input.fail();
  if (!isNumber(input)) return fail('TypeError', `type ${typeName(input)} doesn't define __round__ method`);
  const decimals = wantCount(places);
  if (Math.abs(decimals) > 400) return fail('LimitError', 'it rounds to more than 400 digits');
  const value = numeric(input);
  const name = wantText(method, 'method');
  if (name === 'ceil' || name === 'floor') {
    const factor = 10 ** decimals;
    return Math[name](toFloat(value) * factor) / factor;
  }
  if (name !== 'common') return fail('ValueError', 'method must be common, ceil or floor');
  if (typeof value === 'bigint') return decimals >= 0 ? value : roundWhole(value, 10n ** BigInt(-decimals));
  if (!Number.isFinite(value)) return value;
  const size = Number(fixedDigits(value, decimals));
  return value < 0 || Object.is(value, -0) ? -size : size;
};

function roundWhole(value: bigint, unit: bigint): bigint {
  const size = value < 0n ? -value : value;
  const down = (size / unit) * unit;
  const twice = (size - down) * 2n;
  const isUp = twice > unit || (twice === unit && (down / unit) % 2n === 1n);
  const rounded = isUp ? down + unit : down;
  return value < 0n ? -rounded : rounded;
}

export const NUMBER_FILTERS: Record<string, Filter> = {
  int,
  float,
  round,
  abs: (input, args) => {
    bind('abs', args, []);
    if (input instanceof Undefined) return input.fail();
    if (!isNumber(input)) return fail('TypeError', `bad operand type for abs(): '${typeName(input)}'`);
    return order(input, 0n) < 0 || Object.is(input, -0) ? negate(input) : numeric(input);
  },
  default: defaultFilter,
  d: defaultFilter,
};

function defaultFilter(...[input, args]: Parameters<Filter>): Value {
  const [fallback = '', boolean] = bind('default', args, ['default_value', 'boolean']);
  const isEmpty = input instanceof Undefined || (flag(boolean) && !flag(input));
  return isEmpty ? fallback : input;
}
