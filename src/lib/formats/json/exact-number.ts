// Which JSON numbers a row can hold. Rows hold doubles in the form of RFC 8785; this file decides which numbers keep their value
// in that form. It compares decimal digits, not doubles: 169881503650676736 is a double, but its canonical form ends in 740.

/** The most significant digits that programs write for a double. */
const DOUBLE_DIGITS = 17;

/** Whether the canonical form of the JSON number `literal` has the same value, digit by digit. */
export function keepsDigits(literal: string): boolean {
  const written = String(Number(literal));
  return written === literal || (written !== 'Infinity' && written !== '-Infinity' && same(literal, written));
}

/**
 * Whether a row can hold the JSON number `literal`. An integer must keep its digits. A number with a point or an exponent is a
 * written double, so the nearest double suffices; beyond 17 significant digits it must keep them, too.
 */
export function isRowNumber(literal: string): boolean {
  if (/^-?\d{1,15}$/.test(literal)) return true;
  const { digits } = decimalOf(literal);
  if (/^-?\d+$/.test(literal) || digits.length > DOUBLE_DIGITS) return keepsDigits(literal);
  const value = Number(literal);
  return Number.isFinite(value) && (value !== 0 || digits === '');
}

function same(a: string, b: string): boolean {
  const [one, other] = [decimalOf(a), decimalOf(b)];
  return one.digits === other.digits && (one.digits === '' || (one.exponent === other.exponent && a[0] === b[0]));
}

/** Significant digits without zeros at either end, and the power of ten of the last digit. */
function decimalOf(literal: string): { digits: string; exponent: number } {
  const [mantissa = '', power = '0'] = literal.replace(/^-/, '').split(/[eE]/);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = whole + fraction;
  let from = 0;
  let to = all.length;
  while (from < to && all[from] === '0') from++;
  while (to > from && all[to - 1] === '0') to--;
  return { digits: all.slice(from, to), exponent: Number(power) - fraction.length + (all.length - to) };
}
