// Filters over lists and dicts: selecting, sorting, grouping and summing.

import { bind, flag, wantCount, wantText } from './arguments.ts';
import { calculate } from './arithmetic.ts';
import type { Budget } from './budget.ts';
import { equals, order } from './equality.ts';
import { fail } from './failure.ts';
import { iterate, toList } from './iterate.ts';
import { readItem } from './members.ts';
import type { Filter, Runtime } from './runtime.ts';
import {
  Dict,
  DictView,
  Group,
  isText,
  keyOf,
  Markup,
  Range,
  sizeOf,
  Stream,
  textOf,
  truth,
  Tuple,
  typeName,
  Undefined,
  type CallArguments,
  type Value,
} from './values.ts';

/** Reads `a.b.0` of an item; `fallback` replaces a missing value. */
export function attributeReader(attribute: Value, budget: Budget, fallback: Value | null = null) {
  const parts: Value[] = isText(attribute)
    ? textOf(attribute)
        .split('.')
        .map((part) => (/^\d+$/.test(part) ? BigInt(part) : part))
    : attribute === null
      ? []
      : [attribute];
  return (item: Value): Value => {
    for (const part of parts) {
      item = readItem(item, part, budget);
      if (fallback !== null && item instanceof Undefined) item = fallback;
    }
    return item;
  };
}

const foldCase = (value: Value): Value => (isText(value) ? textOf(value).toLowerCase() : value);

/** The sort key of an item: an attribute, if named; ignores case unless `caseSensitive`. */
function keyReader(attribute: Value | undefined, caseSensitive: Value | undefined, budget: Budget) {
  const read = attributeReader(attribute ?? null, budget);
  return flag(caseSensitive) ? read : (item: Value) => foldCase(read(item));
}

/** Stable, and within the budget. */
function sorted<T>(items: readonly T[], keyFor: (item: T) => Value, reverse: boolean, budget: Budget): T[] {
  budget.list(items.length * 8);
  const keyed = items.map((item) => ({ item, key: keyFor(item) }));
  keyed.sort((a, b) => {
    budget.spend(1);
    return reverse ? order(b.key, a.key) : order(a.key, b.key);
  });
  return keyed.map(({ item }) => item);
}

const sort: Filter = (input, args, { budget }) => {
  const [reverse, caseSensitive, attribute] = bind('sort', args, ['reverse', 'case_sensitive', 'attribute']);
  const names: Value[] = isText(attribute ?? null) ? textOf(attribute as string).split(',') : [attribute ?? null];
  const readers = names.map((name) => keyReader(name, caseSensitive, budget));
  return sorted(toList(input), (item) => readers.map((read) => read(item)), flag(reverse), budget);
};

const dictsort: Filter = (input, args, { budget }) => {
  const [caseSensitive, by = 'key', reverse] = bind('dictsort', args, ['case_sensitive', 'by', 'reverse']);
  const part = ['key', 'value'].indexOf(wantText(by, 'by'));
  if (part < 0) return fail('ValueError', 'You can only sort by either "key" or "value"');
  if (input instanceof Undefined) return input.fail();
  if (!(input instanceof Dict)) return fail('TypeError', `'${typeName(input)}' object has no attribute 'items'`);
  const keyFor = (entry: Tuple) => (flag(caseSensitive) ? entry.items[part]! : foldCase(entry.items[part]!));
  return sorted(
    input.entries().map((entry) => new Tuple(entry)),
    keyFor,
    flag(reverse),
    budget,
  );
};

/** `map`, `select` and others are lazy: each item is computed when it is requested. */
function stream(make: () => Iterator<Value, unknown>): Stream {
  let inner: Iterator<Value, unknown> | null = null;
  return new Stream({ next: () => (inner ??= make()).next() });
}

function* each(input: Value, budget: Budget): Generator<Value, void, void> {
  const iterator = iterate(input);
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    budget.spend(1);
    yield next.value;
  }
}

const map: Filter = (input, args, runtime) =>
  stream(function* () {
    if (!truth(input)) return;
    const change = mapper(args, runtime);
    for (const item of each(input, runtime.budget)) yield change(item);
  });

function mapper({ positional, named }: CallArguments, runtime: Runtime): (item: Value) => Value {
  if (positional.length === 0 && named.has('attribute')) {
    const [, attribute, fallback] = bind('map', { positional: [], named }, ['', 'attribute', 'default']);
    return attributeReader(attribute!, runtime.budget, fallback ?? null);
  }
  const [name, ...rest] = positional;
  if (name === undefined) return fail('ValueError', 'map requires a filter argument');
  const filter = wantText(name, 'a filter name');
  return (item) => runtime.filter(filter, item, { positional: rest, named });
}

const choosing =
  (keeps: boolean, byAttribute: boolean): Filter =>
  (input, args, runtime) =>
    stream(function* () {
      if (!truth(input)) return;
      const rest = [...args.positional];
      const attribute = byAttribute ? rest.shift() : null;
      if (attribute === undefined) return fail('ValueError', 'Missing parameter for attribute name');
      const read = attributeReader(attribute, runtime.budget);
      const name = rest.shift();
      const test = name === undefined ? null : wantText(name, 'a test name');
      for (const item of each(input, runtime.budget)) {
        const value = read(item);
        const fits = test === null ? truth(value) : runtime.test(test, value, { positional: rest, named: args.named });
        if (fits === keeps) yield item;
      }
    });

const unique: Filter = (input, args, { budget }) => {
  const [caseSensitive, attribute] = bind('unique', args, ['case_sensitive', 'attribute']);
  return stream(function* () {
    const read = keyReader(attribute, caseSensitive, budget);
    const seen = new Set<unknown>();
    for (const item of each(input, budget)) {
      const key = keyOf(read(item));
      if (!seen.has(key)) yield item;
      seen.add(key);
    }
  });
};

const groupby: Filter = (input, args, { budget }) => {
  const [attribute, fallback, caseSensitive] = bind('groupby', args, ['attribute', 'default', 'case_sensitive'], 1);
  const read = attributeReader(attribute!, budget, fallback ?? null);
  const keyFor = (item: Value) => (flag(caseSensitive) ? read(item) : foldCase(read(item)));
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sorted(toList(input), keyFor, false, budget)) {
    const key = keyFor(item);
    const last = groups.at(-1);
    if (last && equals(last.key, key)) last.items.push(item);
    else groups.push({ key, items: [item] });
  }
  return groups.map(({ items }) => new Group(read(items[0]!), items));
};

const extreme =
  (name: string, wanted: 1 | -1): Filter =>
  (input, args, { budget }) => {
    const [caseSensitive, attribute] = bind(name, args, ['case_sensitive', 'attribute']);
    const items = toList(input);
    const [first, ...rest] = items;
    if (first === undefined) return new Undefined('No aggregated item, sequence was empty.');
    const read = keyReader(attribute, caseSensitive, budget);
    budget.list(items.length);
    return rest.reduce(
      (best, item) => (order(read(item), read(best), wanted > 0 ? '>' : '<') * wanted > 0 ? item : best),
      first,
    );
  };

const slices: Filter = (input, args, { budget }) => {
  const [count, fill] = bind('slice', args, ['slices', 'fill_with'], 1);
  const parts = wantCount(count!);
  const items = toList(input);
  budget.list(Math.max(parts, 0));
  if (parts === 0) return fail('ArithmeticError', 'integer division or modulo by zero');
  const size = Math.floor(items.length / parts);
  const larger = items.length - size * parts;
  let from = 0;
  return new Stream(
    Array.from({ length: Math.max(parts, 0) }, (_, i) => {
      const part = items.slice(from, (from += size + (i < larger ? 1 : 0)));
      if (fill !== undefined && fill !== null && i >= larger) part.push(fill);
      return part;
    })[Symbol.iterator](),
  );
};

const batch: Filter = (input, args, { budget }) => {
  const [count, fill] = bind('batch', args, ['linecount', 'fill_with'], 1);
  const size = wantCount(count!);
  const items = toList(input);
  const out: Value[][] = [];
  for (const item of items) {
    const last = out.at(-1);
    if (last && last.length !== size) last.push(item);
    else out.push([item]);
  }
  const last = out.at(-1);
  if (last && fill !== undefined && fill !== null && last.length < size) {
    budget.list(size);
    while (last.length < size) last.push(fill);
  }
  return new Stream(out[Symbol.iterator]());
};

const sum: Filter = (input, args, { budget }) => {
  const [attribute, start = 0n] = bind('sum', args, ['attribute', 'start']);
  if (isText(start)) return fail('TypeError', "sum() can't sum strings [use ''.join(seq) instead]");
  const read = attributeReader(attribute ?? null, budget);
  return toList(input).reduce<Value>((total, item) => calculate('+', total, read(item), budget), start);
};

const reverse: Filter = (input, args, { budget }) => {
  bind('reverse', args, []);
  if (isText(input)) {
    budget.text(textOf(input).length);
    const text = Array.from(textOf(input)).reverse().join('');
    return input instanceof Markup ? new Markup(text) : text;
  }
  const items = toList(input).reverse();
  if (input instanceof Stream) return items;
  const type = Array.isArray(input) ? 'list_reverseiterator' : input instanceof Range ? 'range_iterator' : 'reversed';
  return new Stream(items[Symbol.iterator](), type);
};

const length: Filter = (input, args) => {
  bind('length', args, []);
  return BigInt(sizeOf(input));
};

export const SEQUENCE_FILTERS: Record<string, Filter> = {
  sort,
  dictsort,
  map,
  select: choosing(true, false),
  reject: choosing(false, false),
  selectattr: choosing(true, true),
  rejectattr: choosing(false, true),
  unique,
  groupby,
  min: extreme('min', -1),
  max: extreme('max', 1),
  slice: slices,
  batch,
  sum,
  reverse,
  length,
  count: length,
  list: (input, args, { budget }) => {
    bind('list', args, []);
    const out = toList(input);
    budget.list(out.length);
    return out;
  },
  items: (input, args) => {
    bind('items', args, []);
    if (input instanceof Undefined) return new Stream([][Symbol.iterator]());
    if (!(input instanceof Dict)) return fail('TypeError', 'Can only get item pairs from a mapping.');
    return new Stream(new DictView(input, 'items').items()[Symbol.iterator]());
  },
  first: (input, args) => {
    bind('first', args, []);
    const next = iterate(input).next();
    return next.done ? new Undefined('No first item, sequence was empty.') : next.value;
  },
  last: (input, args) => {
    bind('last', args, []);
    if (input instanceof Stream) return fail('TypeError', `'${input.type}' object is not reversible`);
    const last = toList(input).at(-1);
    return last === undefined ? new Undefined('No last item, sequence was empty.') : last;
  },
};
