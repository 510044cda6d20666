// "{} and {name:>8}".format(...): fields, conversions and Python's format specifications.

import type { Budget } from './budget.ts';
import { fail } from './failure.ts';
import { isNumber } from './numbers.ts';
import { floatDigits, floatOf, integerDigits } from './number-format.ts';
import { floatText } from './number-text.ts';
import { toRepr, toText } from './python-text.ts';
import { isText, sizeOf, Undefined, typeName, type CallArguments, type Value } from './values.ts';

export interface FieldReader {
  attribute(object: Value, name: string): Value;
  item(object: Value, key: Value): Value;
}

export function formatMethod(format: string, args: CallArguments, read: FieldReader, budget: Budget): string {
  return new Formatter(args, read, budget).run(format, 2);
}

class Formatter {
  #auto = 0;
  readonly #args: CallArguments;
  readonly #read: FieldReader;
  readonly #budget: Budget;

  constructor(args: CallArguments, read: FieldReader, budget: Budget) {
    this.#args = args;
    this.#read = read;
    this.#budget = budget;
  }

  /** A field's specification may contain fields, but no deeper. */
  run(format: string, depth: number): string {
    this.#budget.text(format.length);
    if (depth === 0) return fail('ValueError', 'Max string recursion exceeded');
    let out = '';
    for (let at = 0; at < format.length;) {
      const sign = format[at]!;
      if (sign !== '{' && sign !== '}') {
        const next = format.slice(at).search(/[{}]/);
        out += next < 0 ? format.slice(at) : format.slice(at, at + next);
        at = next < 0 ? format.length : at + next;
      } else if (format[at + 1] === sign) {
        out += sign;
        at += 2;
      } else if (sign === '}') {
        return fail('ValueError', "Single '}' encountered in format string");
      } else {
        const end = endOfField(format, at);
        out += this.#field(format.slice(at + 1, end), depth);
        at = end + 1;
      }
      this.#budget.text(out.length);
    }
    return out;
  }

  #field(field: string, depth: number): string {
    const [, path, conversion, spec] = /^([^!:]*)(?:!([^:]*))?(?::([^]*))?$/.exec(field) ?? [];
    if (path === undefined) return fail('ValueError', 'a format field cannot be read');
    let value = this.#value(path);
    if (conversion === 'r' || conversion === 'a') value = toRepr(value, this.#budget);
    else if (conversion === 's') value = toText(value, this.#budget);
    else if (conversion !== undefined) return fail('ValueError', `Unknown conversion specifier '${conversion}'`);
    return formatBySpec(value, spec === undefined ? '' : this.run(spec, depth - 1), this.#budget);
  }

  #value(path: string): Value {
    const end = path.search(/[.[]/);
    const [first, rest] = end < 0 ? [path, ''] : [path.slice(0, end), path.slice(end)];
    const { positional, named } = this.#args;
    let value: Value | undefined;
    if (first === '' || /^\d+$/.test(first)) value = positional[first === '' ? this.#auto++ : Number(first)];
    else value = named.get(first);
    if (value === undefined) return fail('ValueError', `there is no value for the field "{${path}}"`);
    for (const [, name, key] of rest.matchAll(/\.([^.[]+)|\[([^\][]+)\]/g)) {
      if (name !== undefined) value = this.#read.attribute(value, name);
      else value = this.#read.item(value, /^\d+$/.test(key!) ? BigInt(key!) : key!);
    }
    return value;
  }
}

function endOfField(format: string, from: number): number {
  let depth = 0;
  for (let at = from; at < format.length; at++) {
    if (format[at] === '{') depth++;
    else if (format[at] === '}' && --depth === 0) return at;
  }
  return fail('ValueError', "expected '}' before end of string");
}

const SPEC = /^(?:([^])?([<>=^]))?([-+ ])?(#)?(0)?(\d{1,9})?([,_])?(?:\.(\d{1,9}))?([a-zA-Z%])?$/u;

function formatBySpec(value: Value, spec: string, budget: Budget): string {
  if (spec === '') return toText(value, budget);
  const match = SPEC.exec(spec);
  if (!match) return fail('ValueError', `Invalid format specifier '${spec}'`);
  const [, fill, align, sign, alternate, zero, width, group, precision, type] = match;
  const room = Number(width ?? 0);
  budget.text(room);
  let body: string;
  let front = '';
  const numberLike = isNumber(value) && !(typeof value === 'boolean' && type === undefined);
  if (numberLike && type !== 's') {
    const isFloat = typeof value === 'number' || (type !== undefined && 'eEfFgG%'.includes(type));
    const negative = typeof value === 'number' ? value < 0 || Object.is(value, -0) : BigInt(value) < 0n;
    front = negative ? '-' : sign === '+' || sign === ' ' ? sign : '';
    if (isFloat) body = floatBody(floatOf(value), type, precision, alternate !== undefined);
    else {
      if (precision !== undefined) return fail('ValueError', 'Precision not allowed in integer format specifier');
      const letter = type === undefined || type === 'n' ? 'd' : type;
      if (!'dxXobc'.includes(letter))
        return fail('ValueError', `Unknown format code '${letter}' for object of type 'int'`);
      body = letter === 'c' ? String.fromCodePoint(Number(value)) : integerDigits(BigInt(value), letter);
      if (alternate && 'xXob'.includes(letter)) front += `0${letter}`;
    }
    if (group) body = grouped(body, group, type !== undefined && 'xXob'.includes(type) ? 4 : 3);
  } else {
    if (!isText(value) && typeof value !== 'boolean' && !(value instanceof Undefined))
      return fail('TypeError', `unsupported format string passed to ${typeName(value)}.__format__`);
    if (type !== undefined && type !== 's')
      return fail('ValueError', `Unknown format code '${type}' for object of type 'str'`);
    body = toText(value, budget);
    if (precision !== undefined) body = Array.from(body).slice(0, Number(precision)).join('');
  }
  const missing = Math.max(0, room - sizeOf(body) - front.length);
  const sign0 = fill ?? (zero ? '0' : ' ');
  const side = align ?? (zero && numberLike ? '=' : numberLike ? '>' : '<');
  if (side === '<') return front + body + sign0.repeat(missing);
  if (side === '=') return front + sign0.repeat(missing) + body;
  if (side === '>') return sign0.repeat(missing) + front + body;
  const left = Math.floor(missing / 2);
  return sign0.repeat(left) + front + body + sign0.repeat(missing - left);
}

function floatBody(value: number, type: string | undefined, precision: string | undefined, alternate: boolean): string {
  if (type === '%') return `${floatDigits(value * 100, 'f', Number(precision ?? 6), alternate)}%`;
  if (type !== undefined && type !== 'n') return floatDigits(value, type, Number(precision ?? 6), alternate);
  if (precision === undefined) return floatText(Math.abs(value));
  const text = floatDigits(value, 'g', Number(precision), alternate);
  return /[.enai]/.test(text) ? text : `${text}.0`;
}

const grouped = (digits: string, sign: string, size: number): string => {
  const [whole = '', rest] = digits.split(/(?=[.e])/, 2);
  const tail = digits.slice(whole.length);
  const parts: string[] = [];
  for (let end = whole.length; end > 0; end -= size) parts.unshift(whole.slice(Math.max(0, end - size), end));
  const groups = parts.join(sign);
  return rest === undefined ? groups : groups + tail;
};
