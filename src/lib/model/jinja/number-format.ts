// Formats numbers by the letters d, f, e, g, %, x, o and b, for both of Python's ways: "%.2f" and "{:.2f}".

import { fail } from './failure.ts';
import { isNumber, numeric, toFloat } from './numbers.ts';
import { exponentSuffix, fixedDigits, floatText, significantDigits } from './number-text.ts';
import { typeName, type Value } from './values.ts';

/** More digits than any prompt needs would only cost time. */
const MAX_PRECISION = 1000;

/** |value| by `letter`; the caller adds the sign. */
export function floatDigits(value: number, letter: string, precision: number, alternate: boolean): string {
  if (precision > MAX_PRECISION) return fail('LimitError', `it formats with more than ${MAX_PRECISION} digits`);
  const upper = letter === letter.toUpperCase();
  const text = Number.isFinite(value)
    ? finiteDigits(Math.abs(value), letter.toLowerCase(), precision, alternate)
    : Number.isNaN(value)
      ? 'nan'
      : 'inf';
  return upper ? text.toUpperCase() : text;
}

function finiteDigits(value: number, letter: string, precision: number, alternate: boolean): string {
  const point = (digits: string) => (digits.length > 1 || alternate ? `${digits[0]}.${digits.slice(1)}` : digits);
  if (letter === 'f') return fixedDigits(value, precision) + (precision === 0 && alternate ? '.' : '');
  if (letter === 'e') {
    const { digits, exponent } = significantDigits(value, precision + 1);
    return `${point(digits)}e${exponentSuffix(exponent)}`;
  }
  const count = precision === 0 ? 1 : precision;
  const { digits, exponent } = significantDigits(value, count);
  const trim = (text: string) => (alternate || !text.includes('.') ? text : withoutZeros(text));
  if (exponent < -4 || exponent >= count) return `${trim(point(digits))}e${exponentSuffix(exponent)}`;
  return trim(fixedDigits(value, Math.max(count - 1 - exponent, 0)));
}

function withoutZeros(decimal: string): string {
  let end = decimal.length;
  while (decimal[end - 1] === '0') end--;
  return decimal.slice(0, decimal[end - 1] === '.' ? end - 1 : end);
}

export function integerDigits(value: bigint, letter: string): string {
  const size = value < 0n ? -value : value;
  const base = letter === 'x' || letter === 'X' ? 16 : letter === 'o' ? 8 : letter === 'b' ? 2 : 10;
  const digits = size.toString(base);
  return letter === 'X' ? digits.toUpperCase() : digits;
}

/** An int unchanged; a float truncated, for the letters d, i and u. */
export function wholeOf(value: Value, letter: string): bigint {
  if (typeof value === 'bigint' || typeof value === 'boolean') return BigInt(value);
  if (typeof value === 'number' && 'diu'.includes(letter)) {
    if (!Number.isFinite(value)) return fail('ValueError', `cannot convert float ${floatText(value)} to integer`);
    return BigInt(Math.trunc(value));
  }
  return fail('TypeError', `%${letter} format: a number is required, not ${typeName(value)}`);
}

export function floatOf(value: Value): number {
  if (isNumber(value)) return toFloat(numeric(value));
  return fail('TypeError', `must be real number, not ${typeName(value)}`);
}
