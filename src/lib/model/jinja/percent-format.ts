// "%s has %d" % values, and the filter `format`.

import type { Budget } from './budget.ts';
import { fail } from './failure.ts';
import { floatDigits, floatOf, integerDigits, wholeOf } from './number-format.ts';
import { toRepr, toText } from './python-text.ts';
import { Dict, isText, Markup, sizeOf, textOf, Tuple, typeName, type Value } from './values.ts';

const FIELD = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d{1,9})?(?:\.(\*|\d{0,9}))?[hlL]?([^])?/gu;

export function formatPercent(format: string | Markup, values: Value, budget: Budget): Value {
  const text = textOf(format);
  budget.text(text.length);
  const list = values instanceof Tuple ? values.items : [values];
  let used = 0;
  const next = () => take(list, used++);
  const out = text.replace(
    FIELD,
    (_: string, name?: string, flags?: string, width?: string, precision?: string, letter?: string) => {
      if (letter === '%') return '%';
      if (letter === undefined) return fail('ValueError', 'incomplete format');
      const number = (part: string | undefined) =>
        part === '*' ? Number(wholeOf(next(), 'd')) : part === undefined ? undefined : Number(part);
      const field: Field = { flags: flags ?? '', width: number(width) ?? 0, precision: number(precision), letter };
      const one = formatOne(name === undefined ? next() : byName(values, name), field, budget);
      budget.text(one.length);
      return one;
    },
  );
  // Python accepts a list without a field for it, but not a tuple.
  if (used < list.length && !(values instanceof Dict) && !(Array.isArray(values) && used === 0))
    return fail('TypeError', 'not all arguments converted during string formatting');
  return format instanceof Markup ? new Markup(out) : out;
}

function byName(values: Value, name: string): Value {
  if (!(values instanceof Dict)) return fail('TypeError', 'format requires a mapping');
  const value = values.get(name);
  return value === undefined ? fail('ValueError', `there is no value for "${name}"`) : value;
}

const take = (list: readonly Value[], at: number): Value =>
  at < list.length ? list[at]! : fail('TypeError', 'not enough arguments for format string');

interface Field {
  flags: string;
  width: number;
  precision: number | undefined;
  letter: string;
}

function formatOne(value: Value, { flags, width, precision, letter }: Field, budget: Budget): string {
  budget.text(width);
  const isLeft = flags.includes('-') || width < 0;
  const room = Math.abs(width);
  const pad = (body: string, sign = '', prefix = ''): string => {
    const length = sizeOf(body) + sign.length + prefix.length;
    const fill = Math.max(0, room - length);
    if (isLeft) return sign + prefix + body + ' '.repeat(fill);
    const zero = flags.includes('0') && (sign !== '' || prefix !== '' || 'diuxXofFeEgG'.includes(letter));
    return zero ? sign + prefix + '0'.repeat(fill) + body : ' '.repeat(fill) + sign + prefix + body;
  };
  const signOf = (negative: boolean) => (negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '');
  if ('sra'.includes(letter)) {
    const text = letter === 's' ? toText(value, budget) : toRepr(value, budget);
    return pad(precision === undefined ? text : Array.from(text).slice(0, precision).join(''));
  }
  if (letter === 'c') {
    if (typeof value === 'bigint') return pad(String.fromCodePoint(Number(value)));
    if (isText(value) && sizeOf(value) === 1) return pad(textOf(value));
    return fail('TypeError', '%c requires int or char');
  }
  if ('diuxXo'.includes(letter)) {
    const whole = wholeOf(value, letter);
    const prefix = flags.includes('#') && 'xXo'.includes(letter) ? `0${letter}` : '';
    const digits = integerDigits(whole, letter).padStart(Math.min(precision ?? 0, 1000), '0');
    return pad(digits, signOf(whole < 0n), prefix);
  }
  if ('fFeEgG'.includes(letter)) {
    const float = floatOf(value);
    const negative = float < 0 || Object.is(float, -0);
    return pad(floatDigits(float, letter, precision ?? 6, flags.includes('#')), signOf(negative));
  }
  return fail('ValueError', `unsupported format character '${letter}' for ${typeName(value)}`);
}
