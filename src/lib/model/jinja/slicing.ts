// Slices x[a:b:c] of a text, list, tuple or range, and the character of a text at an index.

import { wantCount } from './arguments.ts';
import type { Budget } from './budget.ts';
import { fail } from './failure.ts';
import { isPlain, isText, Markup, Range, sizeOf, textOf, Tuple, typeName, Undefined, type Value } from './values.ts';

export interface Bounds {
  start: Value;
  stop: Value;
  step: Value;
}

export function slice(object: Value, bounds: Bounds, budget: Budget): Value {
  if (object instanceof Undefined) return object.fail();
  if (isText(object)) {
    const text = textOf(object);
    budget.text(text.length);
    const signs: string | string[] = isPlain(text) ? text : Array.from(text);
    const { start, stop, step, length } = resolve(bounds, signs.length);
    const out =
      step === 1 && typeof signs === 'string'
        ? signs.slice(start, Math.max(start, stop))
        : Array.from({ length }, (_, i) => signs[start + i * step]!).join('');
    return object instanceof Markup ? new Markup(out) : out;
  }
  if (object instanceof Range) {
    const { start, stop, step } = resolve(bounds, object.length);
    const at = (index: number) => object.start + index * object.step;
    return new Range(at(start), at(stop), object.step * step);
  }
  const items = Array.isArray(object) ? object : object instanceof Tuple ? object.items : null;
  if (!items) return fail('TypeError', `'${typeName(object)}' object is not subscriptable`);
  const { start, stop, step, length } = resolve(bounds, items.length);
  budget.list(length);
  const out =
    step === 1 ? items.slice(start, Math.max(start, stop)) : Array.from({ length }, (_, i) => items[start + i * step]!);
  return Array.isArray(object) ? out : new Tuple(out);
}

/** Python's slice.indices(), and the number of entries between them. */
function resolve(bounds: Bounds, size: number) {
  const number = (value: Value): number | null => (value === null ? null : wantCount(value, 'a slice index'));
  const step = number(bounds.step) ?? 1;
  if (step === 0) return fail('ValueError', 'slice step cannot be zero');
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (value: number | null, fallback: number) =>
    value === null ? fallback : Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const start = clamp(number(bounds.start), step > 0 ? low : high);
  const stop = clamp(number(bounds.stop), step > 0 ? high : low);
  return { start, stop, step, length: Math.max(0, Math.ceil((stop - start) / step)) };
}

/** The character at an index counted in characters, from the end when negative. */
export function characterAt(text: string, index: number): string | undefined {
  if (isPlain(text)) return text.at(index);
  return index < 0 || index > 64 ? Array.from(text).at(index) : Array.from(text.slice(0, 2 * index + 2))[index];
}

/** UTF-16 units before the character with this index; for texts with characters of two units. */
export function unitOffset(text: string, index: number): number {
  if (isPlain(text)) return index;
  let units = 0;
  for (let i = 0; i < index && units < text.length; i++) units += text.codePointAt(units)! > 0xffff ? 2 : 1;
  return units;
}

/** Characters before the UTF-16 unit with this index. */
export const characterIndex = (text: string, unit: number): number => (unit < 0 ? unit : sizeOf(text.slice(0, unit)));
