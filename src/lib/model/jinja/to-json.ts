// json.dumps for chat templates: no HTML escapes, and non-ASCII text unchanged unless `ensure_ascii` is set.

import { bind, flag, wantCount, wantText } from './arguments.ts';
import type { Budget } from './budget.ts';
import { order } from './equality.ts';
import { fail } from './failure.ts';
import { iterate } from './iterate.ts';
import { floatText } from './number-text.ts';
import { Dict, isText, textOf, Tuple, typeName, type CallArguments, type Value } from './values.ts';

interface Style {
  ascii: boolean;
  indent: string | null;
  between: string;
  colon: string;
  sorted: boolean;
}

export function toJson(value: Value, args: CallArguments, budget: Budget): string {
  const [ascii, indent, separators, sorted] = bind('tojson', args, [
    'ensure_ascii',
    'indent',
    'separators',
    'sort_keys',
  ]);
  const wide =
    indent === undefined || indent === null
      ? null
      : isText(indent)
        ? textOf(indent)
        : ' '.repeat(Math.min(Math.max(0, wantCount(indent, 'indent')), 1000));
  let marks = [wide === null ? ', ' : ',', ': '];
  if (separators !== undefined && separators !== null) {
    const iterator = iterate(separators);
    const part = () => {
      const next = iterator.next();
      return next.done ? fail('ValueError', 'not enough separators') : wantText(next.value, 'a separator');
    };
    marks = [part(), part()];
  }
  const style = { ascii: flag(ascii), indent: wide, between: marks[0]!, colon: marks[1]!, sorted: flag(sorted) };
  return new Writer(style, budget).write(value, '\n');
}

class Writer {
  readonly #style: Style;
  readonly #budget: Budget;

  constructor(style: Style, budget: Budget) {
    this.#style = style;
    this.#budget = budget;
  }

  write(value: Value, line: string): string {
    this.#budget.spend(1);
    if (value === null) return 'null';
    if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
    if (typeof value === 'number') return jsonFloat(value);
    if (isText(value)) return this.#text(textOf(value));
    if (Array.isArray(value) || value instanceof Tuple) {
      const items = Array.isArray(value) ? value : value.items;
      return this.#wrap(
        '[',
        items.map((item) => this.write(item, this.#deeper(line))),
        ']',
        line,
      );
    }
    if (value instanceof Dict) return this.#dict(value, line);
    return fail('TypeError', `Object of type ${typeName(value)} is not JSON serializable`);
  }

  #dict(dict: Dict, line: string): string {
    const entries = [...dict.entries()];
    if (this.#style.sorted) entries.sort(([a], [b]) => order(a, b));
    const parts = entries.map(
      ([key, value]) => `${this.#text(keyText(key))}${this.#style.colon}${this.write(value, this.#deeper(line))}`,
    );
    return this.#wrap('{', parts, '}', line);
  }

  #deeper(line: string): string {
    return this.#style.indent === null ? line : line + this.#style.indent;
  }

  #wrap(open: string, parts: readonly string[], close: string, line: string): string {
    if (parts.length === 0) return open + close;
    const { indent, between } = this.#style;
    const inner = indent === null ? '' : this.#deeper(line);
    this.#budget.text(parts.reduce((sum, part) => sum + part.length + between.length + inner.length, 0));
    return open + inner + parts.join(between + inner) + (indent === null ? '' : line) + close;
  }

  #text(text: string): string {
    this.#budget.text(text.length);
    const escaped = text.replace(SPECIAL, (sign) => SHORT[sign] ?? unicodeEscape(sign));
    return `"${this.#style.ascii ? escaped.replace(/[^\0-\x7e]/g, unicodeEscape) : escaped}"`;
  }
}

/** Quotes, backslashes and control characters. */
const CONTROL = '\\0-\\x1f';
const SPECIAL = new RegExp(`["\\\\${CONTROL}]`, 'g');

const SHORT: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

const unicodeEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

const jsonFloat = (value: number): string =>
  Number.isFinite(value) ? floatText(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';

function keyText(key: Value): string {
  if (isText(key)) return textOf(key);
  if (key === null) return 'null';
  if (typeof key === 'boolean' || typeof key === 'bigint') return String(key);
  if (typeof key === 'number') return jsonFloat(key);
  return fail('TypeError', `keys must be str, int, float, bool or None, not ${typeName(key)}`);
}
