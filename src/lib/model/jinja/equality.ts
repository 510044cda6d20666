// Equality, order and membership like Python: 1 == 1.0 == True, texts by code points, lists by entries.

import { fail } from './failure.ts';
import { iterate } from './iterate.ts';
import { isNumber, numeric } from './numbers.ts';
import type { Comparison } from './syntax.ts';
import { Dict, DictView, isPlain, isText, Range, textOf, Tuple, typeName, Undefined, type Value } from './values.ts';

export function equals(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (isNumber(left)) {
    // JavaScript compares a bigint and a number by their values.
    // eslint-disable-next-line eqeqeq
    return isNumber(right) && numeric(left) == numeric(right);
  }
  if (isText(left)) return isText(right) && textOf(left) === textOf(right);
  if (Array.isArray(left)) return Array.isArray(right) && sameItems(left, right);
  if (left instanceof Tuple) return right instanceof Tuple && sameItems(left.items, right.items);
  if (left instanceof Dict) return right instanceof Dict && sameEntries(left, right);
  if (left instanceof DictView) return right instanceof DictView && sameViews(left, right);
  if (left instanceof Range) {
    if (!(right instanceof Range) || left.length !== right.length) return false;
    return left.length === 0 || (left.start === right.start && (left.length === 1 || left.step === right.step));
  }
  return left instanceof Undefined && right instanceof Undefined;
}

const sameItems = (left: readonly Value[], right: readonly Value[]): boolean =>
  left.length === right.length && left.every((item, i) => equals(item, right[i]!));

const sameEntries = (left: Dict, right: Dict): boolean =>
  left.size === right.size &&
  left.entries().every(([key, value]) => {
    const other = right.get(key);
    return other !== undefined && equals(value, other);
  });

/** Keys and items compare as sets; values compare by identity. */
const sameViews = (left: DictView, right: DictView): boolean => {
  if (left.part !== right.part || left.part === 'values') return false;
  if (left.part === 'items') return sameEntries(left.dict, right.dict);
  return left.dict.size === right.dict.size && left.dict.entries().every(([key]) => right.dict.has(key));
};

/** Negative, zero or positive; NaN when a NaN is inside. `sign` is used in the error only. */
export function order(left: Value, right: Value, sign = '<'): number {
  if (left instanceof Undefined) return left.fail();
  if (right instanceof Undefined) return right.fail();
  if (isNumber(left) && isNumber(right)) {
    const [a, b] = [numeric(left), numeric(right)];
    return a < b ? -1 : a > b ? 1 : a >= b ? 0 : NaN;
  }
  if (isText(left) && isText(right)) return orderTexts(textOf(left), textOf(right));
  if (Array.isArray(left) && Array.isArray(right)) return orderLists(left, right, sign);
  if (left instanceof Tuple && right instanceof Tuple) return orderLists(left.items, right.items, sign);
  return fail('TypeError', `'${sign}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

function orderTexts(left: string, right: string): number {
  if (left === right) return 0;
  if (isPlain(left) && isPlain(right)) return left < right ? -1 : 1;
  const [a, b] = [Array.from(left), Array.from(right)];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]!.codePointAt(0)! - b[i]!.codePointAt(0)!;
  }
  return a.length - b.length;
}

function orderLists(left: readonly Value[], right: readonly Value[], sign: string): number {
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (!equals(left[i]!, right[i]!)) return order(left[i]!, right[i]!, sign);
  }
  return left.length - right.length;
}

export function contains(container: Value, item: Value): boolean {
  if (isText(container)) {
    if (isText(item)) return textOf(container).includes(textOf(item));
    return fail('TypeError', `'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof Dict) return container.has(item);
  if (container === null || isNumber(container))
    return fail('TypeError', `argument of type '${typeName(container)}' is not iterable`);
  const iterator = iterate(container);
  for (let next = iterator.next(); !next.done; next = iterator.next()) if (equals(next.value, item)) return true;
  return false;
}

export function compare(operator: Comparison, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return equals(left, right);
    case '!=':
      return !equals(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    case '<':
      return order(left, right, operator) < 0;
    case '<=':
      return order(left, right, operator) <= 0;
    case '>':
      return order(left, right, operator) > 0;
    case '>=':
      return order(left, right, operator) >= 0;
  }
}
