// Evaluates expressions: scopes, calls, filters and tests. The renderer executes statements.

import { calculate, negate, positive } from './arithmetic.ts';
import type { Budget } from './budget.ts';
import { compare } from './equality.ts';
import { fail } from './failure.ts';
import { FILTERS } from './filters.ts';
import { toList } from './iterate.ts';
import { readAttribute, readItem } from './members.ts';
import { toText } from './python-text.ts';
import type { Runtime } from './runtime.ts';
import type { Scope } from './scope.ts';
import { slice } from './slicing.ts';
import type { Arguments, Expression } from './syntax.ts';
import { TESTS } from './value-tests.ts';
import {
  Callable,
  Dict,
  isText,
  Loop,
  textOf,
  truth,
  Tuple,
  typeName,
  Undefined,
  type CallArguments,
  type Value,
} from './values.ts';

export class Evaluator implements Runtime {
  readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  hasFilter = (name: string): boolean => FILTERS.has(name);
  hasTest = (name: string): boolean => TESTS.has(name);

  filter(name: string, input: Value, args: CallArguments): Value {
    const filter = FILTERS.get(name);
    if (!filter) return fail('TemplateRuntimeError', `No filter named '${name}' found.`);
    return filter(input, args, this);
  }

  test(name: string, input: Value, args: CallArguments): boolean {
    const test = TESTS.get(name);
    if (!test) return fail('TemplateRuntimeError', `No test named '${name}' found.`);
    return test(input, args, this);
  }

  evaluate(node: Expression, scope: Scope): Value {
    this.budget.spend(1);
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'name':
        return this.#variable(node.name, scope);
      case 'attribute':
        return readAttribute(this.evaluate(node.object, scope), node.name, this.budget);
      case 'item':
        return readItem(this.evaluate(node.object, scope), this.evaluate(node.key, scope), this.budget);
      case 'slice': {
        const object = this.evaluate(node.object, scope);
        const [start, stop, step] = [node.start, node.stop, node.step].map(
          (part) => part && this.evaluate(part, scope),
        );
        return slice(object, { start: start!, stop: stop!, step: step! }, this.budget);
      }
      case 'call': {
        const callee = this.evaluate(node.callee, scope);
        return this.call(callee, this.arguments(node.args, scope));
      }
      case 'filter': {
        const input = this.evaluate(node.input, scope);
        return this.filter(node.name, input, this.arguments(node.args, scope));
      }
      case 'test': {
        const input = this.evaluate(node.input, scope);
        return this.test(node.name, input, this.arguments(node.args, scope));
      }
      case 'binary': {
        const left = this.evaluate(node.left, scope);
        return calculate(node.operator, left, this.evaluate(node.right, scope), this.budget);
      }
      case 'compare': {
        let left = this.evaluate(node.first, scope);
        for (const { operator, operand } of node.rest) {
          const right = this.evaluate(operand, scope);
          if (operator.endsWith('in') && isText(right) && isText(left)) this.budget.search(textOf(right), textOf(left));
          if (!compare(operator, left, right)) return false;
          left = right;
        }
        return true;
      }
      case 'concat': {
        const parts = node.items.map((item) => toText(this.evaluate(item, scope), this.budget));
        this.budget.text(parts.reduce((sum, part) => sum + part.length, 0));
        return parts.join('');
      }
      case 'and': {
        const left = this.evaluate(node.left, scope);
        return truth(left) ? this.evaluate(node.right, scope) : left;
      }
      case 'or': {
        const left = this.evaluate(node.left, scope);
        return truth(left) ? left : this.evaluate(node.right, scope);
      }
      case 'not':
        return !truth(this.evaluate(node.operand, scope));
      case 'negative':
        return negate(this.evaluate(node.operand, scope));
      case 'positive':
        return positive(this.evaluate(node.operand, scope));
      case 'conditional':
        if (truth(this.evaluate(node.test, scope))) return this.evaluate(node.then, scope);
        if (node.otherwise) return this.evaluate(node.otherwise, scope);
        return new Undefined('the inline if-expression evaluated to false and no else section was defined.');
      case 'list':
        return node.items.map((item) => this.evaluate(item, scope));
      case 'tuple':
        return new Tuple(node.items.map((item) => this.evaluate(item, scope)));
      case 'dict':
        return Dict.of(node.items.map(({ key, value }) => [this.evaluate(key, scope), this.evaluate(value, scope)]));
      case 'body':
        return scope.get(BODY) ?? '';
    }
  }

  #variable(name: string, scope: Scope): Value {
    const value = scope.get(name);
    return value === undefined ? new Undefined(`'${name}' is undefined`) : value;
  }

  call(callee: Value, args: CallArguments): Value {
    if (callee instanceof Undefined) return callee.fail();
    if (!(callee instanceof Callable || callee instanceof Loop))
      return fail('TypeError', `'${typeName(callee)}' object is not callable`);
    this.budget.enter();
    const result = callee.call(args);
    this.budget.leave();
    return result;
  }

  arguments({ positional: items, named: pairs, spread, spreadNamed }: Arguments, scope: Scope): CallArguments {
    const positionalArgs = items.map((item) => this.evaluate(item, scope));
    if (spread) positionalArgs.push(...toList(this.evaluate(spread, scope)));
    const named = new Map(pairs.map(({ name, value }) => [name, this.evaluate(value, scope)]));
    if (named.size < pairs.length) return fail('TypeError', 'a call names an argument twice');
    if (spreadNamed) {
      const more = this.evaluate(spreadNamed, scope);
      if (!(more instanceof Dict))
        return fail('TypeError', `argument after ** must be a mapping, not ${typeName(more)}`);
      for (const [key, value] of more.entries()) {
        if (!isText(key)) return fail('TypeError', 'keywords must be strings');
        if (named.has(textOf(key)))
          return fail('TypeError', `got multiple values for keyword argument '${textOf(key)}'`);
        named.set(textOf(key), value);
      }
    }
    return { positional: positionalArgs, named };
  }
}

/** Name of a block's text while its filters run; not a valid name in a template. */
export const BODY = ' body';
