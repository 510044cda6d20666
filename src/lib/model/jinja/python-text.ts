// str() and repr() of every value, as Python prints them.

import type { Budget } from './budget.ts';
import { fail } from './failure.ts';
import { floatText } from './number-text.ts';
import {
  Callable,
  Dict,
  DictView,
  Loop,
  Markup,
  Namespace,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

export function toText(value: Value, budget: Budget): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return '';
  return toRepr(value, budget);
}

export function toRepr(value: Value, budget: Budget): string {
  budget.spend(1);
  switch (typeof value) {
    case 'string':
      return quote(value, budget);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return floatText(value);
    case 'bigint':
      return String(value);
    default:
      return value === null ? 'None' : objectRepr(value, budget);
  }
}

function objectRepr(value: Exclude<Value, null | boolean | bigint | number | string>, budget: Budget): string {
  const all = (items: readonly Value[]) => items.map((item) => toRepr(item, budget)).join(', ');
  if (Array.isArray(value)) return `[${all(value)}]`;
  if (value instanceof Tuple) return value.items.length === 1 ? `(${all(value.items)},)` : `(${all(value.items)})`;
  if (value instanceof Dict) return dictRepr(value.entries(), budget);
  if (value instanceof DictView) return `dict_${value.part}([${all(value.items())}])`;
  if (value instanceof Range) return `range(${value.start}, ${value.stop}${value.step === 1 ? '' : `, ${value.step}`})`;
  if (value instanceof Markup) return `Markup(${quote(value.text, budget)})`;
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Namespace) return `<Namespace ${dictRepr([...value.values], budget)}>`;
  if (value instanceof Loop) return `<LoopContext ${toText(value.get('index') ?? null, budget)}/${value.length}>`;
  if (value instanceof Callable && value.type === 'Macro') return `<Macro ${quote(value.name, budget)}>`;
  if (value instanceof Callable && value.type === 'type') return `<class '${value.name}'>`;
  // Python prints the memory address.
  return fail('NotOffered', `it prints a ${typeName(value)} itself, not what it holds`);
}

const dictRepr = (entries: readonly (readonly [Value, Value])[], budget: Budget): string =>
  `{${entries.map(([key, value]) => `${toRepr(key, budget)}: ${toRepr(value, budget)}`).join(', ')}}`;

const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quote(text: string, budget: Budget): string {
  budget.text(text.length);
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\'\p{C}\p{Z}]/gu, (sign) => {
    if (sign === ' ') return sign;
    if (sign === "'") return mark === "'" ? "\\'" : sign;
    if (sign in NAMED) return NAMED[sign]!;
    const code = sign.codePointAt(0)!;
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return `${mark}${body}${mark}`;
}
