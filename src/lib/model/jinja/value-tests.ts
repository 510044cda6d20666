// All of Jinja's tests (`is ...`).

import { bind, wantText } from './arguments.ts';
import { calculate } from './arithmetic.ts';
import { compare, equals } from './equality.ts';
import { canIterate } from './iterate.ts';
import { isNumber } from './numbers.ts';
import { toText } from './python-text.ts';
import type { Runtime, Test } from './runtime.ts';
import type { Comparison } from './syntax.ts';
import { QUESTIONS } from './text-case.ts';
import { Callable, Dict, isText, Loop, Markup, Range, textOf, Tuple, Undefined, type Value } from './values.ts';

const is =
  (name: string, test: (value: Value, runtime: Runtime) => boolean): Test =>
  (value, args, runtime) => {
    bind(name, args, []);
    return test(value, runtime);
  };

const isComparison =
  (operator: Comparison): Test =>
  (value, args) =>
    compare(operator, value, bind(operator, args, ['other'], 1)[0]!);

const rest = (value: Value, by: Value, runtime: Runtime): Value => calculate('%', value, by, runtime.budget);

const isSame = (left: Value, right: Value): boolean =>
  isText(left) && isText(right) ? textOf(left) === textOf(right) : Object.is(left, right);

const tests: Record<string, Test> = {
  defined: is('defined', (value) => !(value instanceof Undefined)),
  undefined: is('undefined', (value) => value instanceof Undefined),
  none: is('none', (value) => value === null),
  boolean: is('boolean', (value) => typeof value === 'boolean'),
  true: is('true', (value) => value === true),
  false: is('false', (value) => value === false),
  integer: is('integer', (value) => typeof value === 'bigint'),
  float: is('float', (value) => typeof value === 'number'),
  number: is('number', (value) => isNumber(value)),
  string: is('string', (value) => isText(value)),
  mapping: is('mapping', (value) => value instanceof Dict),
  sequence: is(
    'sequence',
    (value) =>
      isText(value) ||
      Array.isArray(value) ||
      value instanceof Tuple ||
      value instanceof Dict ||
      value instanceof Undefined ||
      value instanceof Range,
  ),
  iterable: is('iterable', (value) => canIterate(value) || value instanceof Loop),
  callable: is('callable', (value) => value instanceof Callable || value instanceof Loop || value instanceof Undefined),
  escaped: is('escaped', (value) => value instanceof Markup),
  lower: is('lower', (value, { budget }) => QUESTIONS['islower']!(toText(value, budget))),
  upper: is('upper', (value, { budget }) => QUESTIONS['isupper']!(toText(value, budget))),
  odd: is('odd', (value, runtime) => equals(rest(value, 2n, runtime), 1n)),
  even: is('even', (value, runtime) => equals(rest(value, 2n, runtime), 0n)),
  divisibleby: (value, args, runtime) => equals(rest(value, bind('divisibleby', args, ['num'], 1)[0]!, runtime), 0n),
  sameas: (value, args) => isSame(value, bind('sameas', args, ['other'], 1)[0]!),
  filter: is('filter', (value, runtime) => runtime.hasFilter(wantText(value, 'a filter name'))),
  test: is('test', (value, runtime) => runtime.hasTest(wantText(value, 'a test name'))),
};

const COMPARED: [Comparison, string[]][] = [
  ['==', ['eq', 'equalto']],
  ['!=', ['ne']],
  ['>', ['gt', 'greaterthan']],
  ['>=', ['ge']],
  ['<', ['lt', 'lessthan']],
  ['<=', ['le']],
  ['in', ['in']],
];

export const TESTS: ReadonlyMap<string, Test> = new Map([
  ...Object.entries(tests),
  ...COMPARED.flatMap(([operator, names]) =>
    [operator, ...names].map((name): [string, Test] => [name, isComparison(operator)]),
  ),
]);
