// Filters that return text: case, white space, replacing, joining, formatting, escaping.

import { bind, flag, optionalText, wantCount, wantText } from './arguments.ts';
import { calculate } from './arithmetic.ts';
import type { Budget } from './budget.ts';
import { escapeHtml } from './escape-html.ts';
import { fail } from './failure.ts';
import { toFloat } from './numbers.ts';
import { canIterate, toList } from './iterate.ts';
import { fixedDigits } from './number-text.ts';
import { toText } from './python-text.ts';
import type { Filter } from './runtime.ts';
import { attributeReader } from './sequence-filters.ts';
import { capitalize } from './text-case.ts';
import { join, lines, pad, replace, split, splitEnd, strip } from './text-operations.ts';
import { toNumber } from './number-filters.ts';
import { toJson } from './to-json.ts';
import { characterAt, slice } from './slicing.ts';
import { Dict, isText, Markup, sizeOf, textOf, Tuple, Undefined, typeName, type Value } from './values.ts';
import { SPACE } from './white-space.ts';

/** A filter without arguments; escaped text stays marked as escaped. */
const onText =
  (name: string, run: (text: string, budget: Budget) => string): Filter =>
  (input, args, { budget }) => {
    bind(name, args, []);
    const text = toText(input, budget);
    budget.text(text.length);
    const out = run(text, budget);
    return input instanceof Markup ? new Markup(out) : out;
  };

const WORD_START = new RegExp(`([-${SPACE}({\\[<]+)`);

const escape: Filter = (input, args, { budget }) => {
  bind('escape', args, []);
  return input instanceof Markup ? input : new Markup(escapeHtml(toText(input, budget), budget));
};

const indent: Filter = (input, args, { budget }) => {
  const [width = 4n, first, blank] = bind('indent', args, ['width', 'first', 'blank']);
  if (input instanceof Undefined) return input.fail();
  if (!isText(input)) return fail('TypeError', `can only indent text, not ${typeName(input)}`);
  const space = isText(width) ? textOf(width) : pad('', wantCount(width), ' ', 'left', budget);
  const all = lines(`${textOf(input)}\n`, false, budget);
  budget.text(textOf(input).length + all.length * space.length);
  const isBlankToo = flag(blank);
  const text = all.map((line, i) => (i > 0 && (line !== '' || isBlankToo) ? space + line : line)).join('\n');
  const out = flag(first) ? space + text : text;
  return input instanceof Markup ? new Markup(out) : out;
};

const joinFilter: Filter = (input, args, { budget }) => {
  const [mark = '', attribute] = bind('join', args, ['d', 'attribute']);
  const read = attribute === undefined || attribute === null ? null : attributeReader(attribute, budget);
  const parts = toList(input).map((item) => toText(read ? read(item) : item, budget));
  return join(toText(mark, budget), parts, budget);
};

const replaceFilter: Filter = (input, args, { budget }) => {
  const [old, by, count] = bind('replace', args, ['old', 'new', 'count'], 2);
  const most = count === undefined || count === null ? -1 : wantCount(count);
  return replace(toText(input, budget), toText(old!, budget), toText(by!, budget), most, budget);
};

const format: Filter = (input, args, { budget }) => {
  const text = isText(input) ? input : toText(input, budget);
  if (args.positional.length > 0 && args.named.size > 0)
    return fail('ValueError', "can't handle positional and keyword arguments at the same time");
  const values = args.named.size > 0 ? Dict.of(args.named) : new Tuple(args.positional);
  return calculate('%', text, values, budget);
};

const truncate: Filter = (input, args, { budget }) => {
  const [length = 255n, killWords, end = '...', leeway] = bind('truncate', args, [
    'length',
    'killwords',
    'end',
    'leeway',
  ]);
  const mark = wantText(end, 'end');
  const [size, slack] = [wantCount(length), leeway === undefined || leeway === null ? 5 : wantCount(leeway)];
  if (size < sizeOf(mark) || slack < 0) return fail('ValueError', `expected length >= ${sizeOf(mark)}, got ${size}`);
  if (sizeOf(input) <= size + slack) return input;
  const text = wantText(input, 'a truncated value');
  const stop = BigInt(size - sizeOf(mark));
  const head = wantText(slice(text, { start: null, stop, step: null }, budget), 'text');
  return (flag(killWords) ? head : (splitEnd(head, ' ', 1, budget)[0] ?? '')) + mark;
};

const SAFE_IN_URL = /[A-Za-z0-9_.~-]/;

function urlQuote(value: Value, isPair: boolean, budget: Budget): string {
  const text = toText(value, budget);
  budget.text(text.length * 3);
  let out = '';
  for (const byte of new TextEncoder().encode(text.toWellFormed())) {
    const sign = String.fromCharCode(byte);
    const isKept = byte < 0x80 && (SAFE_IN_URL.test(sign) || (!isPair && sign === '/'));
    if (isKept) out += sign;
    else out += isPair && sign === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

const urlencode: Filter = (input, args, { budget }) => {
  bind('urlencode', args, []);
  if (isText(input) || !canIterate(input)) return urlQuote(input, false, budget);
  const pairs = input instanceof Dict ? input.entries() : toList(input).map((pair) => toList(pair));
  if (pairs.some(({ length }) => length !== 2)) return fail('ValueError', 'urlencode takes pairs');
  return pairs.map((pair) => pair.map((part) => urlQuote(part, true, budget)).join('=')).join('&');
};

const xmlattr: Filter = (input, args, { budget }) => {
  const [autospace] = bind('xmlattr', args, ['autospace']);
  if (!(input instanceof Dict)) return fail('TypeError', `xmlattr takes a dict, not ${typeName(input)}`);
  const parts = input.entries().flatMap(([key, value]) => {
    if (value === null || value instanceof Undefined) return [];
    const name = wantText(key, 'an attribute name');
    if (/[\s/>=]/.test(name)) return fail('ValueError', 'Invalid character in attribute name');
    const text = value instanceof Markup ? value.text : escapeHtml(toText(value, budget), budget);
    return [`${escapeHtml(name, budget)}="${text}"`];
  });
  const text = parts.join(' ');
  return text !== '' && (autospace === undefined || flag(autospace)) ? ` ${text}` : text;
};

const filesizeformat: Filter = (input, args) => {
  const [binary] = bind('filesizeformat', args, ['binary']);
  const bytes = toFloat(toNumber(input) ?? fail('ValueError', 'could not convert string to float'));
  const base = flag(binary) ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const power = Math.min(Math.max(Math.floor(Math.log(bytes) / Math.log(base)), 1), 8);
  const at = [power - 1, power, power + 1].find((n) => n >= 1 && bytes < base ** (n + 1)) ?? 8;
  const prefix = 'kMGTPEZY'[Math.min(at, 8) - 1]!;
  const unit = flag(binary) ? `${prefix.toUpperCase()}iB` : `${prefix}B`;
  return `${fixedDigits((base * bytes) / base ** (Math.min(at, 8) + 1), 1)} ${unit}`;
};

export const TEXT_FILTERS: Record<string, Filter> = {
  string: (input, args, { budget }) => {
    bind('string', args, []);
    return input instanceof Markup ? input : toText(input, budget);
  },
  lower: onText('lower', (text) => text.toLowerCase()),
  upper: onText('upper', (text) => text.toUpperCase()),
  capitalize: onText('capitalize', capitalize),
  title: onText('title', (text) =>
    text
      .split(WORD_START)
      .map((word) => {
        const first = characterAt(word, 0) ?? '';
        return first.toUpperCase() + word.slice(first.length).toLowerCase();
      })
      .join(''),
  ),
  trim: (input, args, { budget }) => {
    const [signs] = bind('trim', args, ['chars']);
    const text = strip(toText(input, budget), optionalText(signs, 'strip arg'), 'both');
    return input instanceof Markup ? new Markup(text) : text;
  },
  center: (input, args, { budget }) => {
    const [width = 80n] = bind('center', args, ['width']);
    return pad(toText(input, budget), wantCount(width), ' ', 'both', budget);
  },
  replace: replaceFilter,
  join: joinFilter,
  indent,
  format,
  truncate,
  urlencode,
  xmlattr,
  filesizeformat,
  e: escape,
  escape,
  forceescape: (input, args, { budget }) => {
    bind('forceescape', args, []);
    return new Markup(escapeHtml(toText(input, budget), budget));
  },
  safe: (input, args, { budget }) => {
    bind('safe', args, []);
    return new Markup(toText(input, budget));
  },
  striptags: onText('striptags', (text, budget) => {
    const bare = without(without(text, '<!--', '-->'), '<', '>');
    return split(unescapeHtml(bare), undefined, Infinity, budget).join(' ');
  }),
  tojson: (input, args, { budget }) => toJson(input, args, budget),
  wordcount: (input, args, { budget }) => {
    bind('wordcount', args, []);
    const text = toText(input, budget);
    budget.text(text.length * 2);
    return BigInt(text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0);
  },
};

/** `text` without the parts from an `open` to the next `close`. */
function without(text: string, open: string, close: string): string {
  let kept = '';
  for (let at = 0; ;) {
    const start = text.indexOf(open, at);
    const end = start < 0 ? -1 : text.indexOf(close, start);
    if (end < 0) return kept + text.slice(at);
    kept += text.slice(at, start);
    at = end + close.length;
  }
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\xa0' };

const unescapeHtml = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|([a-z]+));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
