// Global functions of chat templates: those of Jinja, and those that transformers adds.

import { bind, wantCount, wantText } from './arguments.ts';
import type { Budget } from './budget.ts';
import { fail } from './failure.ts';
import { toList } from './iterate.ts';
import { formatDate } from './format-date.ts';
import { toText } from './python-text.ts';
import { Callable, Dict, Namespace, Range, type CallArguments, type Value } from './values.ts';

/** Same limit as Jinja's sandbox. */
const MAX_RANGE = 100_000;

export function createGlobals(today: () => Date, budget: Budget): ReadonlyMap<string, Callable> {
  const functions: Record<string, (args: CallArguments) => Value> = {
    range: (args) => makeRange(args, budget),
    dict: (args) => dict(args),
    namespace: (args) => {
      const space = new Namespace();
      for (const [key, value] of dict(args).entries()) space.values.set(toText(key, budget), value);
      return space;
    },
    raise_exception: (args) => fail('TemplateError', toText(bind('raise_exception', args, ['message'], 1)[0]!, budget)),
    strftime_now: (args) => formatDate(today(), wantText(bind('strftime_now', args, ['format'], 1)[0]!, 'format')),
    cycler: ({ positional }) => cycler(positional),
    joiner: (args) => joiner(bind('joiner', args, ['sep'])[0] ?? ', '),
    lipsum: () => fail('NotOffered', 'the function lipsum() is not offered here'),
  };
  const types = new Set(['range', 'dict', 'namespace', 'cycler', 'joiner']);
  return new Map(
    Object.entries(functions).map(([name, call]) => [
      name,
      new Callable(name, types.has(name) ? 'type' : 'function', call),
    ]),
  );
}

function dict({ positional, named }: CallArguments): Dict {
  const out = new Dict();
  const [first] = positional;
  if (positional.length > 1) return fail('TypeError', `dict expected at most 1 argument, got ${positional.length}`);
  if (first instanceof Dict) for (const [key, value] of first.entries()) out.set(key, value);
  else if (first !== undefined) {
    for (const pair of toList(first)) {
      const parts = toList(pair);
      if (parts.length !== 2) return fail('ValueError', 'a dict is made of pairs');
      out.set(parts[0]!, parts[1]!);
    }
  }
  for (const [key, value] of named) out.set(key, value);
  return out;
}

function makeRange({ positional, named }: CallArguments, budget: Budget): Range {
  if (named.size > 0) return fail('TypeError', 'range() takes no keyword arguments');
  if (positional.length < 1 || positional.length > 3)
    return fail('TypeError', `range expected 1 to 3 arguments, got ${positional.length}`);
  const [first, second, third] = positional.map((value) => wantCount(value));
  const range = second === undefined ? new Range(0, first!, 1) : new Range(first!, second, third ?? 1);
  if (range.step === 0) return fail('ValueError', 'range() arg 3 must not be zero');
  if (range.length > MAX_RANGE)
    return fail('LimitError', `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`);
  budget.list(range.length);
  return range;
}

function cycler(items: readonly Value[]): Namespace {
  if (items.length === 0) return fail('TypeError', 'at least one item has to be provided');
  let at = 0;
  const space = new Namespace();
  const update = () => space.values.set('current', items[at]!);
  const step = (name: string, run: () => Value) => space.values.set(name, new Callable(name, 'method', run));
  step('next', () => {
    const current = items[at]!;
    at = (at + 1) % items.length;
    update();
    return current;
  });
  step('reset', () => {
    at = 0;
    update();
    return null;
  });
  update();
  return space;
}

function joiner(mark: Value): Callable {
  let isUsed = false;
  return new Callable('joiner', 'function', () => {
    const text = isUsed ? mark : '';
    isUsed = true;
    return text;
  });
}
