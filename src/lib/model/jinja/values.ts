// The values of templates as in Python: an int is a bigint, a float a number, a list an array, None is null.

import { fail, type FailureKind } from './failure.ts';

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Value[]
  | Tuple
  | Dict
  | DictView
  | Range
  | Stream
  | Markup
  | Undefined
  | Callable
  | Namespace
  | Loop;

export interface CallArguments {
  positional: Value[];
  named: Map<string, Value>;
}

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** Result of `groupby`: a pair with named fields. */
export class Group extends Tuple {
  readonly grouper: Value;
  readonly list: Value[];

  constructor(grouper: Value, list: Value[]) {
    super([grouper, list]);
    this.grouper = grouper;
    this.list = list;
  }
}

/** A text that is already escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The value of an undefined name: prints as an empty text, and most other uses fail. */
export class Undefined {
  readonly #kind: FailureKind;
  readonly message: string;

  constructor(message: string, kind: FailureKind = 'UndefinedError') {
    this.message = message;
    this.#kind = kind;
  }

  fail(): never {
    return fail(this.#kind, this.message);
  }
}

export class Callable {
  readonly name: string;
  readonly type: 'Macro' | 'function' | 'method' | 'type';
  readonly call: (args: CallArguments) => Value;
  /** Readable members, for example of a macro. */
  readonly members: Readonly<Record<string, Value>>;

  constructor(
    name: string,
    type: Callable['type'],
    call: (args: CallArguments) => Value,
    members: Readonly<Record<string, Value>> = {},
  ) {
    this.name = name;
    this.type = type;
    this.call = call;
    this.members = members;
  }
}

/** The only object whose attributes a template may set. */
export class Namespace {
  readonly values = new Map<string, Value>();
}

/** `loop`: members are computed on access. */
export abstract class Loop {
  abstract get(name: string): Value | undefined;
  abstract readonly length: number;
  abstract call(args: CallArguments): Value;
}

export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;

  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }

  at(index: number): bigint {
    return BigInt(this.start + index * this.step);
  }
}

/** An iterator that can be consumed once. */
export class Stream {
  readonly type: string;
  readonly iterator: Iterator<Value, unknown>;

  constructor(iterator: Iterator<Value, unknown>, type = 'generator') {
    this.iterator = iterator;
    this.type = type;
  }
}

type Key = string | bigint | number | null | typeof UNDEFINED_KEY;
const UNDEFINED_KEY = Symbol('undefined');

/** Keys that are equal in Python are one key: 1, 1.0 and True. Throws for unhashable values. */
export function keyOf(value: Value): Key {
  switch (typeof value) {
    case 'string':
      return value.startsWith('\0') ? `\0${value}` : value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : value;
    case 'bigint':
      return value;
    default:
      if (value === null) return null;
      if (value instanceof Markup) return keyOf(value.text);
      if (value instanceof Undefined) return UNDEFINED_KEY;
      if (value instanceof Tuple) return `\0(${value.items.map((item) => tagged(keyOf(item))).join('\0,')}`;
      return fail('TypeError', `unhashable type: '${typeName(value)}'`);
  }
}

const tagged = (key: Key): string => `${typeof key === 'bigint' ? 'number' : typeof key} ${String(key)}`;

export class Dict {
  readonly #entries = new Map<Key, readonly [Value, Value]>();

  static of(entries: Iterable<readonly [Value, Value]>): Dict {
    const dict = new Dict();
    for (const [key, value] of entries) dict.set(key, value);
    return dict;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(keyOf(key))?.[1];
  }

  has(key: Value): boolean {
    return this.#entries.has(keyOf(key));
  }

  /** An existing equal key stays, as in Python. */
  set(key: Value, value: Value): void {
    const at = keyOf(key);
    this.#entries.set(at, [this.#entries.get(at)?.[0] ?? key, value]);
  }

  entries(): readonly (readonly [Value, Value])[] {
    return [...this.#entries.values()];
  }
}

export class DictView {
  readonly dict: Dict;
  readonly part: 'keys' | 'values' | 'items';

  constructor(dict: Dict, part: DictView['part']) {
    this.dict = dict;
    this.part = part;
  }

  items(): Value[] {
    const { part } = this;
    return this.dict
      .entries()
      .map(([key, value]) => (part === 'keys' ? key : part === 'values' ? value : new Tuple([key, value])));
  }
}

export const isText = (value: Value): value is string | Markup => typeof value === 'string' || value instanceof Markup;

export const textOf = (value: string | Markup): string => (typeof value === 'string' ? value : value.text);

export function typeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float';
    case 'bigint':
      return 'int';
    default:
      if (value === null) return 'NoneType';
      if (Array.isArray(value)) return 'list';
      if (value instanceof Dict) return 'dict';
      if (value instanceof Tuple) return 'tuple';
      if (value instanceof DictView) return `dict_${value.part}`;
      if (value instanceof Range) return 'range';
      if (value instanceof Stream) return value.type;
      if (value instanceof Callable) return value.type;
      return value instanceof Loop ? 'LoopContext' : value instanceof Namespace ? 'Namespace' : value.constructor.name;
  }
}

/** `'dict object' has no attribute 'x'` and the like. */
export function missing(object: Value, key: string | null, keyText = ''): Undefined {
  const what = object === null ? 'None' : `${typeName(object)} object`;
  return new Undefined(key === null ? `${what} has no element ${keyText}` : `'${what}' has no attribute '${key}'`);
}

export function truth(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value !== '';
    case 'boolean':
      return value;
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    default:
      if (value === null || value instanceof Undefined) return false;
      if (value instanceof Stream || value instanceof Callable || value instanceof Namespace) return true;
      return sizeOf(value) > 0;
  }
}

/** Number of entries of a value; for a text, of characters instead of UTF-16 units. */
export function sizeOf(value: Value): number {
  if (isText(value)) return characterCount(textOf(value));
  if (Array.isArray(value) || value instanceof Range || value instanceof Loop) return value.length;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof DictView) return value.dict.size;
  if (value instanceof Undefined) return 0;
  return fail('TypeError', `object of type '${typeName(value)}' has no len()`);
}

const ASTRAL = /[\ud800-\udbff][\udc00-\udfff]/;

/** True where characters and UTF-16 units are the same. */
export const isPlain = (text: string): boolean => !ASTRAL.test(text);

function characterCount(text: string): number {
  if (isPlain(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}
