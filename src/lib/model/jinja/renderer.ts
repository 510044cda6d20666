// Executes statements: output, branches, loops, assignments, macros and blocks. Scopes are those of Jinja: a branch shares the
// surrounding scope; a loop iteration, a macro and a block have their own.

import { Evaluator, BODY } from './evaluator.ts';
import { fail, TemplateFailure } from './failure.ts';
import { iterate, toList } from './iterate.ts';
import { knownLength, LoopState } from './loop-state.ts';
import { bindMacro } from './macro.ts';
import { toText } from './python-text.ts';
import { Scope } from './scope.ts';
import type { Budget } from './budget.ts';
import type { Expression, For, Signature, Statement, Target } from './syntax.ts';
import { Callable, Namespace, truth, Tuple, Undefined, type CallArguments, type Value } from './values.ts';

type Flow = 'on' | 'break' | 'continue';

/** Text as it grows. */
class Output {
  readonly #parts: string[] = [];
  readonly #budget: Budget;
  #length = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  write(text: string): void {
    this.#length += text.length;
    this.#budget.text(text.length);
    if (this.#parts.length % 64 === 0) this.#budget.text(this.#length / 64);
    this.#parts.push(text);
  }

  join(): string {
    this.#budget.text(this.#length);
    return this.#parts.join('');
  }
}

/** Written before and after the text of each generation block. */
export type GenerationMarks = readonly [before: string, behind: string];

export function render(
  program: readonly Statement[],
  globals: Scope,
  budget: Budget,
  marks: GenerationMarks | null,
): string {
  return new Renderer(budget, marks).text(program, new Scope(globals));
}

class Renderer {
  readonly #budget: Budget;
  readonly #expressions: Evaluator;
  readonly #marks: GenerationMarks | null;

  constructor(budget: Budget, marks: GenerationMarks | null) {
    this.#budget = budget;
    this.#marks = marks;
    this.#expressions = new Evaluator(budget);
  }

  text(body: readonly Statement[], scope: Scope): string {
    const out = new Output(this.#budget);
    this.#run(body, scope, out);
    return out.join();
  }

  #run(body: readonly Statement[], scope: Scope, out: Output): Flow {
    for (const statement of body) {
      try {
        const flow = this.#statement(statement, scope, out);
        if (flow !== 'on') return flow;
      } catch (error) {
        if (error instanceof TemplateFailure) error.line ??= statement.line;
        throw error;
      }
    }
    return 'on';
  }

  #statement(statement: Statement, scope: Scope, out: Output): Flow {
    this.#budget.spend(1);
    switch (statement.kind) {
      case 'data':
        out.write(statement.text);
        return 'on';
      case 'output':
        out.write(toText(this.#evaluate(statement.value, scope), this.#budget));
        return 'on';
      case 'if': {
        const branch = statement.branches.find(({ test }) => truth(this.#evaluate(test, scope)));
        return this.#run(branch?.body ?? statement.otherwise, scope, out);
      }
      case 'for':
        this.#loop(statement, this.#evaluate(statement.items, scope), scope, out, 0);
        return 'on';
      case 'set':
        this.#assign(statement.target, this.#evaluate(statement.value, scope), scope);
        return 'on';
      case 'set-block':
      case 'filter-block': {
        const inner = new Scope(scope);
        const body = new Output(this.#budget);
        const flow = this.#run(statement.body, inner, body);
        if (flow !== 'on') return flow;
        const value = this.#filtered(statement.filters, body.join(), inner);
        if (statement.kind === 'set-block') this.#assign(statement.target, value, scope);
        else out.write(toText(value, this.#budget));
        return 'on';
      }
      case 'with': {
        const inner = new Scope(scope);
        for (const { target, value } of statement.items) this.#assign(target, this.#evaluate(value, scope), inner);
        return this.#run(statement.body, inner, out);
      }
      case 'scope':
        return this.#run(statement.body, new Scope(scope), out);
      case 'generation': {
        if (this.#marks) out.write(this.#marks[0]);
        const flow = this.#run(statement.body, new Scope(scope), out);
        if (this.#marks) out.write(this.#marks[1]);
        return flow;
      }
      case 'macro':
        scope.set(statement.name, this.#macro(statement.name, statement.signature, scope));
        return 'on';
      case 'call-block': {
        const { callee, args } = statement.call;
        const called = this.#evaluate(callee, scope);
        const { positional, named } = this.#expressions.arguments(args, scope);
        named.set('caller', this.#macro('caller', statement.signature, scope));
        out.write(toText(this.#expressions.call(called, { positional, named }), this.#budget));
        return 'on';
      }
      case 'break':
      case 'continue':
        return statement.kind;
    }
  }

  #evaluate(node: Expression, scope: Scope): Value {
    return this.#expressions.evaluate(node, scope);
  }

  #filtered(filters: Expression, body: string, scope: Scope): Value {
    scope.set(BODY, body);
    return this.#evaluate(filters, scope);
  }

  #loop(node: For, items: Value, scope: Scope, out: Output, depth: number): void {
    const again = (inner: Value, deeper: number) => {
      const text = new Output(this.#budget);
      this.#loop(node, inner, scope, text, deeper);
      return text.join();
    };
    const all = iterate(items);
    const { test } = node;
    const loop = new LoopState(
      test ? this.#chosen(all, node.target, test, scope) : all,
      test ? null : knownLength(items),
      depth,
      node.recursive ? again : null,
    );
    let ran = false;
    for (let item = loop.next(); item; item = loop.next()) {
      ran = true;
      this.#budget.spend(1);
      const inner = new Scope(scope);
      inner.set('loop', loop);
      this.#assign(node.target, item.value, inner);
      if (this.#run(node.body, inner, out) === 'break') break;
    }
    if (!ran) this.#run(node.otherwise, new Scope(scope), out);
  }

  *#chosen(
    items: Iterator<Value, unknown>,
    target: Target,
    test: Expression,
    scope: Scope,
  ): Generator<Value, void, void> {
    for (let next = items.next(); !next.done; next = items.next()) {
      const inner = new Scope(scope);
      inner.set('loop', new Undefined("the loop's own 'loop' cannot be used in its filter"));
      this.#assign(target, next.value, inner);
      if (truth(this.#evaluate(test, inner))) yield next.value;
    }
  }

  #assign(target: Target, value: Value, scope: Scope): void {
    switch (target.kind) {
      case 'name':
        scope.set(target.name, value);
        return;
      case 'attribute': {
        const object = scope.get(target.object);
        if (!(object instanceof Namespace))
          return fail('TemplateRuntimeError', 'cannot assign attribute on non-namespace object');
        object.values.set(target.name, value);
        return;
      }
      case 'tuple': {
        if (value instanceof Undefined && target.items.length > 0) value.fail();
        const parts = toList(value);
        const wanted = target.items.length;
        if (parts.length > wanted) return fail('ValueError', `too many values to unpack (expected ${wanted})`);
        if (parts.length < wanted)
          return fail('ValueError', `not enough values to unpack (expected ${wanted}, got ${parts.length})`);
        target.items.forEach((item, i) => this.#assign(item, parts[i]!, scope));
      }
    }
  }

  #macro(name: string, signature: Signature, scope: Scope): Callable {
    const call = (args: CallArguments): Value => {
      const inner = new Scope(scope);
      bindMacro(
        name,
        signature,
        args,
        (parameter, value) => inner.set(parameter, value),
        (i) => {
          const { name: parameter, fallback } = signature.parameters[i]!;
          if (fallback) return this.#evaluate(fallback, inner);
          return new Undefined(`parameter '${parameter}' was not provided`);
        },
      );
      return this.text(signature.body, inner);
    };
    const names = new Tuple(signature.parameters.map((parameter) => parameter.name));
    return new Callable(name, 'Macro', call, {
      name,
      arguments: names,
      catch_kwargs: signature.uses.kwargs,
      catch_varargs: signature.uses.varargs,
      caller: signature.uses.caller,
    });
  }
}
