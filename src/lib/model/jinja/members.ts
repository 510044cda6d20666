// Reads x.name and x[key] like Jinja's immutable sandbox: attributes and items, but no private names and no methods that modify a
// value.

import { bind, wantCount } from './arguments.ts';
import type { Budget } from './budget.ts';
import { equals } from './equality.ts';
import { formatMethod } from './format-method.ts';
import { toList } from './iterate.ts';
import { fail } from './failure.ts';
import { toRepr } from './python-text.ts';
import { characterAt } from './slicing.ts';
import { TEXT_METHODS } from './text-methods.ts';
import {
  Callable,
  Dict,
  DictView,
  Group,
  isText,
  Loop,
  Markup,
  missing,
  Namespace,
  Range,
  textOf,
  Tuple,
  typeName,
  Undefined,
  type CallArguments,
  type Value,
} from './values.ts';

/** Methods that modify a value; the sandbox refuses them. */
const CHANGING: Record<string, readonly string[]> = {
  list: ['append', 'clear', 'pop', 'reverse', 'insert', 'sort', 'extend', 'remove'],
  dict: ['clear', 'pop', 'popitem', 'setdefault', 'update'],
};
/** Methods of Python that are not offered: bytes and character tables have no use in a prompt. */
const NOT_OFFERED: Record<string, readonly string[]> = {
  str: ['encode', 'maketrans', 'translate', 'format_map'],
  dict: ['fromkeys'],
  int: ['as_integer_ratio', 'bit_count', 'bit_length', 'conjugate', 'from_bytes', 'to_bytes', 'is_integer'],
  float: ['as_integer_ratio', 'conjugate', 'fromhex', 'hex', 'from_number'],
};

/** `x.name`: an attribute first, then an entry. */
export function readAttribute(object: Value, name: string, budget: Budget): Value {
  if (object instanceof Undefined) return object.fail();
  const found = attribute(object, name, budget);
  if (found !== undefined) return found;
  const inside = entry(object, name);
  return inside === undefined ? missing(object, name) : inside;
}

/** The filter `attr`: attributes only. */
export function readOnlyAttribute(object: Value, name: string, budget: Budget): Value {
  if (object instanceof Undefined) return object.fail();
  const found = attribute(object, name, budget);
  return found === undefined ? missing(object, name) : found;
}

/** `x[key]`: an entry first, then an attribute. */
export function readItem(object: Value, key: Value, budget: Budget): Value {
  if (object instanceof Undefined) return object.fail();
  const found = entry(object, key);
  if (found !== undefined) return found;
  if (isText(key)) return readOnlyAttribute(object, textOf(key), budget);
  return missing(object, null, toRepr(key, budget));
}

function entry(object: Value, key: Value): Value | undefined {
  if (object instanceof Dict) {
    const canBeKey = !(Array.isArray(key) || key instanceof Dict);
    return canBeKey ? object.get(key) : undefined;
  }
  if (typeof key !== 'bigint' && typeof key !== 'boolean') return undefined;
  const index = wantCount(key);
  if (isText(object)) {
    const sign = characterAt(textOf(object), index);
    return sign !== undefined && object instanceof Markup ? new Markup(sign) : sign;
  }
  if (Array.isArray(object)) return object.at(index);
  if (object instanceof Tuple) return object.items.at(index);
  if (object instanceof Range) {
    const at = index < 0 ? index + object.length : index;
    return at >= 0 && at < object.length ? object.at(at) : undefined;
  }
  return undefined;
}

function attribute(object: Value, name: string, budget: Budget): Value | undefined {
  const type = isText(object) ? 'str' : typeName(object);
  if (name.startsWith('__') || CHANGING[type]?.includes(name)) {
    if (object instanceof Dict && object.has(name) && name.startsWith('__')) return undefined;
    return new Undefined(`access to attribute '${name}' of '${type}' object is unsafe.`, 'SecurityError');
  }
  if (NOT_OFFERED[type]?.includes(name))
    return method(name, () => fail('NotOffered', `the method ${type}.${name}() is not offered here`));
  if (isText(object)) return textMember(object, name, budget);
  if (object instanceof Namespace) return object.values.get(name);
  if (object instanceof Loop) return object.get(name);
  if (object instanceof Callable) return Object.hasOwn(object.members, name) ? object.members[name] : undefined;
  if (object instanceof Dict) return dictMember(object, name);
  if (object instanceof Group && (name === 'grouper' || name === 'list')) return object[name];
  if (Array.isArray(object) || object instanceof Tuple) return listMember(object, name);
  if (object instanceof Range) return rangeMember(object, name);
  if (object instanceof DictView) return name === 'mapping' ? object.dict : undefined;
  return numberMember(object, name);
}

const method = (name: string, call: (args: CallArguments) => Value): Callable => new Callable(name, 'method', call);

function textMember(object: string | Markup, name: string, budget: Budget): Value | undefined {
  const text = textOf(object);
  const mark = (value: Value): Value => {
    if (!(object instanceof Markup)) return value;
    if (typeof value === 'string') return new Markup(value);
    if (Array.isArray(value)) return value.map(mark);
    return value instanceof Tuple ? new Tuple(value.items.map(mark)) : value;
  };
  if (name === 'format') {
    const read = {
      attribute: (value: Value, key: string) => readAttribute(value, key, budget),
      item: (value: Value, key: Value) => readItem(value, key, budget),
    };
    return method(name, (args) => mark(formatMethod(text, args, read, budget)));
  }
  const run = TEXT_METHODS.get(name);
  return (
    run &&
    method(name, (args) => {
      budget.text(text.length);
      return mark(run(text, args, budget));
    })
  );
}

function dictMember(dict: Dict, name: string): Value | undefined {
  switch (name) {
    case 'get':
      return method(name, (args) => {
        const [key, fallback] = bind('get', args, ['key', 'default'], 1);
        const found = dict.get(key!);
        return found === undefined ? (fallback ?? null) : found;
      });
    case 'items':
    case 'keys':
    case 'values':
      return method(name, (args) => {
        bind(name, args, []);
        return new DictView(dict, name);
      });
    case 'copy':
      return method(name, () => Dict.of(dict.entries()));
    default:
      return undefined;
  }
}

function listMember(list: Value[] | Tuple, name: string): Value | undefined {
  const items = list instanceof Tuple ? list.items : list;
  if (name === 'count') {
    return method(name, (args) => {
      const [wanted] = bind('count', args, ['value'], 1);
      return BigInt(items.filter((item) => equals(item, wanted!)).length);
    });
  }
  if (name === 'index') {
    return method(name, (args) => {
      const [wanted, start, stop] = bind('index', args, ['value', 'start', 'stop'], 1);
      const bound = (value: Value | undefined, fallback: number) => {
        const index = value === undefined ? fallback : wantCount(value);
        return index < 0 ? Math.max(0, index + items.length) : index;
      };
      const [from, to] = [bound(start, 0), bound(stop, items.length)];
      const at = items.findIndex((item, i) => i >= from && i < to && equals(item, wanted!));
      return at < 0 ? fail('ValueError', 'the value is not in the list') : BigInt(at);
    });
  }
  return name === 'copy' && list instanceof Array ? method(name, () => toList(list)) : undefined;
}

function rangeMember(range: Range, name: string): Value | undefined {
  return name === 'start' || name === 'stop' || name === 'step' ? BigInt(range[name]) : undefined;
}

function numberMember(value: Value, name: string): Value | undefined {
  if (typeof value === 'number') {
    if (name === 'real') return value;
    if (name === 'imag') return 0;
    return name === 'is_integer' ? method(name, () => Number.isInteger(value)) : undefined;
  }
  if (typeof value !== 'bigint' && typeof value !== 'boolean') return undefined;
  if (name === 'real' || name === 'numerator') return BigInt(value);
  return name === 'imag' ? 0n : name === 'denominator' ? 1n : undefined;
}
