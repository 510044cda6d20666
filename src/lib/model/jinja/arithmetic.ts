// Python's arithmetic operators: exact integers, floor division, concatenation and repetition of texts and lists.

import { MAX_TEXT, type Budget } from './budget.ts';
import { escapeHtml } from './escape-html.ts';
import { fail } from './failure.ts';
import { isNumber, numeric, toFloat } from './numbers.ts';
import { formatPercent } from './percent-format.ts';
import type { Binary } from './syntax.ts';
import { isText, Markup, textOf, Tuple, typeName, Undefined, type Value } from './values.ts';

/** Python itself refuses to print integers of more digits. */
const MAX_BITS = 14_285;

export function calculate(operator: Binary, left: Value, right: Value, budget: Budget): Value {
  if (operator === '%' && isText(left)) return formatPercent(left, right, budget);
  if (left instanceof Undefined) return left.fail();
  if (right instanceof Undefined) return right.fail();
  if (isNumber(left) && isNumber(right)) return bounded(ofNumbers(operator, numeric(left), numeric(right)));
  if (operator === '+') return join(left, right, budget);
  if (operator === '*') {
    if (isNumber(right) && typeof right !== 'number') return repeat(left, numeric(right) as bigint, right, budget);
    if (isNumber(left) && typeof left !== 'number') return repeat(right, numeric(left) as bigint, left, budget);
  }
  return unsupported(operator, left, right);
}

const unsupported = (operator: string, left: Value, right: Value): never =>
  fail(
    'TypeError',
    `unsupported operand type(s) for ${operator === '**' ? '** or pow()' : operator}: '${typeName(left)}' and '${typeName(right)}'`,
  );

const bounded = (value: bigint | number): bigint | number => {
  if (typeof value === 'bigint' && BigInt.asIntN(MAX_BITS, value) !== value)
    return fail('LimitError', 'it uses an integer of more than 4300 digits');
  return value;
};

function join(left: Value, right: Value, budget: Budget): Value {
  if (isText(left) && isText(right)) {
    const marked = left instanceof Markup || right instanceof Markup;
    const part = (value: string | Markup) =>
      marked && typeof value === 'string' ? escapeHtml(value, budget) : textOf(value);
    const text = part(left) + part(right);
    budget.text(text.length);
    return marked ? new Markup(text) : text;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    budget.list(left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof Tuple && right instanceof Tuple) {
    budget.list(left.items.length + right.items.length);
    return new Tuple([...left.items, ...right.items]);
  }
  const kind = isText(left) ? 'str' : Array.isArray(left) ? 'list' : left instanceof Tuple ? 'tuple' : null;
  if (kind === null) return unsupported('+', left, right);
  return fail('TypeError', `can only concatenate ${kind} (not "${typeName(right)}") to ${kind}`);
}

function repeat(value: Value, times: bigint, other: Value, budget: Budget): Value {
  const count = Number(times < 0n ? 0n : times > BigInt(MAX_TEXT) ? BigInt(MAX_TEXT) + 1n : times);
  if (isText(value)) {
    budget.text(textOf(value).length * count);
    const text = textOf(value).repeat(count);
    return value instanceof Markup ? new Markup(text) : text;
  }
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : null;
  if (!items) return unsupported('*', value, other);
  budget.list(items.length * count);
  const out = Array.from({ length: items.length * count }, (_, i) => items[i % items.length]!);
  return Array.isArray(value) ? out : new Tuple(out);
}

function ofNumbers(operator: Binary, left: bigint | number, right: bigint | number): bigint | number {
  if (operator === '**') return power(left, right);
  if (operator === '/') return divide(left, right);
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    switch (operator) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '//':
        return floorDivide(left, right);
      case '%':
        return left - floorDivide(left, right) * right;
    }
  }
  const [a, b] = [toFloat(left), toFloat(right)];
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      if (b === 0) return fail('ArithmeticError', 'float floor division by zero');
      return floatFloor(a, b);
    case '%':
      if (b === 0) return fail('ArithmeticError', 'float modulo');
      return floatModulo(a, b);
  }
}

function floorDivide(left: bigint, right: bigint): bigint {
  if (right === 0n) return fail('ArithmeticError', 'integer division or modulo by zero');
  const whole = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? whole - 1n : whole;
}

function floatModulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

function floatFloor(a: number, b: number): number {
  const quotient = (a - floatModulo(a, b)) / b;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function divide(left: bigint | number, right: bigint | number): number {
  if (Number(right) === 0) return fail('ArithmeticError', 'division by zero');
  if (typeof left !== 'bigint' || typeof right !== 'bigint') return toFloat(left) / toFloat(right);
  const [a, b] = [Number(left), Number(right)];
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return a / b;
  return divideExactly(left, right);
}

/** The float nearest to a quotient of large integers: computes 64 bits and sets the last one when a remainder is left. */
function divideExactly(left: bigint, right: bigint): number {
  const negative = left < 0n !== right < 0n;
  const [top, bottom] = [left < 0n ? -left : left, right < 0n ? -right : right];
  const bits = (value: bigint) => value.toString(2).length;
  const shift = 64 - (bits(top) - bits(bottom));
  const [a, b] = shift > 0 ? [top << BigInt(shift), bottom] : [top, bottom << BigInt(-shift)];
  const scaled = a / b;
  const exact = Number(a % b === 0n ? scaled : scaled | 1n) * 2 ** -shift;
  if (!Number.isFinite(exact)) return fail('ArithmeticError', 'integer division result too large for a float');
  return negative ? -exact : exact;
}

function power(left: bigint | number, right: bigint | number): bigint | number {
  if (typeof left === 'bigint' && typeof right === 'bigint' && right >= 0n) {
    const bits = BigInt(left.toString(2).length);
    if (bits > 1n && bits * right > BigInt(MAX_BITS + 64))
      return fail('LimitError', 'it uses an integer of more than 4300 digits');
    return bits > 1n || left < 0n ? left ** right : left === 0n && right > 0n ? 0n : 1n;
  }
  const [a, b] = [toFloat(left), toFloat(right)];
  if (a === 0 && b < 0) return fail('ArithmeticError', '0.0 cannot be raised to a negative power');
  if (a < 0 && !Number.isInteger(b) && Number.isFinite(b))
    return fail('NotOffered', 'it takes a root of a negative number, which is complex');
  // Unlike JavaScript, Python has 1 ** nan == 1.
  const result = a === 1 || b === 0 ? 1 : a === -1 && !Number.isFinite(b) ? 1 : a ** b;
  if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b))
    return fail('ArithmeticError', 'Numerical result out of range');
  return result;
}

export function negate(value: Value): Value {
  if (value instanceof Undefined) return value.fail();
  if (isNumber(value)) return -numeric(value);
  return fail('TypeError', `bad operand type for unary -: '${typeName(value)}'`);
}

export function positive(value: Value): Value {
  if (value instanceof Undefined) return value.fail();
  if (isNumber(value)) return numeric(value);
  return fail('TypeError', `bad operand type for unary +: '${typeName(value)}'`);
}
