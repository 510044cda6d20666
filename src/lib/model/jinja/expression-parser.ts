// Parses tokens into expressions, with Jinja's precedences. The template parser extends it with statements.

import type { Token } from './lexer.ts';
import type { Arguments, Binary, Comparison, Expression, Target } from './syntax.ts';
import { TokenReader } from './token-reader.ts';

const CONSTANTS = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** Names of the existing filters and tests. */
export interface Vocabulary {
  filters: ReadonlySet<string>;
  tests: ReadonlySet<string>;
}

interface Unknown {
  message: string;
  line: number;
  /** In a nested scope, which a surrounding `if` does not excuse. */
  firm: boolean;
}

export class ExpressionParser extends TokenReader {
  /** Names read so far in each enclosing macro. */
  protected readonly reads: Set<string>[] = [];
  /** Unknown filters and tests outside of conditions; the template is refused before it runs, as in Jinja. */
  protected unknown: Unknown[] = [];
  readonly #vocabulary: Vocabulary;

  constructor(tokens: readonly Token[], vocabulary: Vocabulary) {
    super(tokens);
    this.#vocabulary = vocabulary;
  }

  /** Unknown filters within `parse` are tolerated, since that part may never run. */
  protected excused<T>(from: number, parse: () => T): T {
    const result = parse();
    this.unknown = [...this.unknown.slice(0, from), ...this.unknown.slice(from).filter(({ firm }) => firm)];
    return result;
  }

  parseExpression(): Expression {
    return this.nest(() => {
      const from = this.unknown.length;
      let then = this.parseOr();
      while (this.skip('name', 'if')) {
        then = this.excused(from, () => {
          const test = this.parseOr();
          const otherwise = this.skip('name', 'else') ? this.parseExpression() : null;
          return { kind: 'conditional', test, then, otherwise };
        });
      }
      return then;
    });
  }

  /** One expression, or several with commas between them as a tuple. */
  parseTuple(
    end: (token: Token) => boolean,
    parse: () => Expression = () => this.parseExpression(),
  ): Expression | null {
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (end(this.token)) break;
      items.push(parse());
      if (!this.skip('operator', ',')) break;
      isTuple = true;
    }
    if (isTuple) return { kind: 'tuple', items };
    return items[0] ?? null;
  }

  /** Like `parseTuple`, but at least one expression is required. */
  parseSome(parse?: () => Expression, stop?: string): Expression {
    const isEnd = ({ type, text }: Token) =>
      type === 'output-end' ||
      type === 'block-end' ||
      type === 'end' ||
      (type === 'operator' && text === ')') ||
      text === stop;
    return this.parseTuple(isEnd, parse) ?? this.unexpected('an expression');
  }

  parseOr(): Expression {
    let left = this.#and();
    while (this.skip('name', 'or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.skip('name', 'and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    return this.skip('name', 'not') ? { kind: 'not', operand: this.nest(() => this.#not()) } : this.#compare();
  }

  #compare(): Expression {
    const first = this.#sum();
    const rest: { operator: Comparison; operand: Expression }[] = [];
    for (;;) {
      let operator: Comparison;
      if (this.token.type === 'operator' && COMPARISONS.has(this.token.text)) operator = this.next().text as Comparison;
      else if (this.skip('name', 'in')) operator = 'in';
      else if (this.is('name', 'not') && this.peekIs('name', 'in')) {
        this.next();
        this.next();
        operator = 'not in';
      } else break;
      rest.push({ operator, operand: this.#sum() });
    }
    return rest.length > 0 ? { kind: 'compare', first, rest } : first;
  }

  #chain(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    while (this.token.type === 'operator' && operators.includes(this.token.text)) {
      const operator = this.next().text as Binary;
      left = { kind: 'binary', operator, left, right: operand() };
    }
    return left;
  }

  #sum(): Expression {
    return this.#chain(['+', '-'], () => this.#concat());
  }

  #concat(): Expression {
    const items = [this.#product()];
    while (this.skip('operator', '~')) items.push(this.#product());
    return items.length > 1 ? { kind: 'concat', items } : items[0]!;
  }

  #product(): Expression {
    return this.#chain(['*', '/', '//', '%'], () => this.#power());
  }

  #power(): Expression {
    return this.#chain(['**'], () => this.#unary(true));
  }

  #unary(withFilters: boolean): Expression {
    let node: Expression;
    if (this.skip('operator', '-')) node = { kind: 'negative', operand: this.nest(() => this.#unary(false)) };
    else if (this.skip('operator', '+')) node = { kind: 'positive', operand: this.nest(() => this.#unary(false)) };
    else node = this.#primary();
    node = this.#postfix(node);
    return withFilters ? this.#filtersAndTests(node) : node;
  }

  #primary(): Expression {
    const token = this.token;
    switch (token.type) {
      case 'name': {
        this.next();
        const constant = CONSTANTS.get(token.text);
        if (constant !== undefined) return { kind: 'constant', value: constant };
        for (const names of this.reads) names.add(token.text);
        return { kind: 'name', name: token.text };
      }
      case 'string': {
        let value = '';
        while (this.token.type === 'string') value += this.next().text;
        return { kind: 'constant', value };
      }
      case 'number':
        this.next();
        return { kind: 'constant', value: token.number! };
      case 'operator':
        if (this.skip('operator', '(')) {
          const inner = this.parseTuple(({ type, text }) => type === 'operator' && text === ')');
          this.expect('operator', ')');
          return inner ?? { kind: 'tuple', items: [] };
        }
        if (this.skip('operator', '[')) return { kind: 'list', items: this.#until(']', () => this.parseExpression()) };
        if (this.skip('operator', '{')) return { kind: 'dict', items: this.#until('}', () => this.#pair()) };
        return this.unexpected('an expression');
      case 'data':
      case 'output':
      case 'output-end':
      case 'block':
      case 'block-end':
      case 'end':
        return this.unexpected('an expression');
    }
  }

  #until<T>(close: string, parse: () => T): T[] {
    const items: T[] = [];
    while (!this.is('operator', close)) {
      items.push(parse());
      if (!this.is('operator', close)) this.expect('operator', ',');
    }
    this.next();
    return items;
  }

  #pair(): { key: Expression; value: Expression } {
    const key = this.parseExpression();
    this.expect('operator', ':');
    return { key, value: this.parseExpression() };
  }

  #postfix(node: Expression): Expression {
    for (;;) {
      if (this.skip('operator', '.')) node = this.#member(node);
      else if (this.skip('operator', '[')) node = this.#subscript(node);
      else if (this.is('operator', '(')) node = { kind: 'call', callee: node, args: this.#arguments() };
      else return node;
    }
  }

  #member(object: Expression): Expression {
    const token = this.next();
    if (token.type === 'name') return { kind: 'attribute', object, name: token.text };
    if (token.type !== 'number' || typeof token.number !== 'bigint')
      this.refuse('expected a name or a number after "."');
    return { kind: 'item', object, key: { kind: 'constant', value: token.number } };
  }

  #subscript(object: Expression): Expression {
    const ends = () => this.is('operator', ':') || this.is('operator', ']');
    const start = ends() ? null : this.parseSubscript();
    if (!this.skip('operator', ':')) {
      this.expect('operator', ']');
      return { kind: 'item', object, key: start ?? this.unexpected('an expression') };
    }
    const stop = ends() ? null : this.parseExpression();
    const step = this.skip('operator', ':') && !ends() ? this.parseExpression() : null;
    this.expect('operator', ']');
    return { kind: 'slice', object, start, stop, step };
  }

  /** A key, which may be a tuple without parentheses. */
  parseSubscript(): Expression {
    const first = this.parseExpression();
    if (!this.is('operator', ',')) return first;
    const items = [first];
    while (this.skip('operator', ',')) if (!this.is('operator', ']')) items.push(this.parseExpression());
    return { kind: 'tuple', items };
  }

  #filtersAndTests(node: Expression): Expression {
    for (;;) {
      if (this.is('operator', '|')) node = this.parseFilters(node);
      else if (this.skip('name', 'is')) node = this.#test(node);
      else if (this.is('operator', '(')) node = { kind: 'call', callee: node, args: this.#arguments() };
      else return node;
    }
  }

  /** `| name(...) | name`; `inline` starts without the bar. */
  parseFilters(node: Expression, inline = false): Expression {
    while (inline || this.skip('operator', '|')) {
      inline = false;
      const name = this.#dottedName();
      if (!this.#vocabulary.filters.has(name)) this.#note(`No filter named '${name}'.`);
      const args = this.is('operator', '(') ? this.#arguments() : noArguments();
      node = { kind: 'filter', input: node, name, args };
    }
    return node;
  }

  #test(input: Expression): Expression {
    const isNegated = this.skip('name', 'not');
    const name = this.#dottedName();
    if (!this.#vocabulary.tests.has(name)) this.#note(`No test named '${name}'.`);
    let args = noArguments();
    if (this.is('operator', '(')) args = this.#arguments();
    else if (this.#opensOperand()) {
      if (this.is('name', 'is')) this.refuse('tests cannot be chained with "is"');
      args.positional.push(this.#postfix(this.#primary()));
    }
    const node: Expression = { kind: 'test', input, name, args };
    return isNegated ? { kind: 'not', operand: node } : node;
  }

  #opensOperand(): boolean {
    const { type, text } = this.token;
    if (type === 'name') return !['else', 'or', 'and'].includes(text);
    return type === 'string' || type === 'number' || (type === 'operator' && ['[', '{'].includes(text));
  }

  #note(message: string): void {
    this.unknown.push({ message, line: this.token.line, firm: false });
  }

  #dottedName(): string {
    let name = this.expect('name').text;
    while (this.skip('operator', '.')) name += `.${this.expect('name').text}`;
    return name;
  }

  #arguments(): Arguments {
    const args = noArguments();
    this.expect('operator', '(');
    while (!this.skip('operator', ')')) {
      if (this.skip('operator', '*')) {
        if (args.spread || args.spreadNamed) this.refuse('a call cannot be read');
        args.spread = this.parseExpression();
      } else if (this.skip('operator', '**')) {
        if (args.spreadNamed) this.refuse('a call cannot be read');
        args.spreadNamed = this.parseExpression();
      } else if (this.token.type === 'name' && this.peekIs('operator', '=')) {
        if (args.spreadNamed) this.refuse('a call cannot be read');
        const name = this.next().text;
        this.next();
        args.named.push({ name, value: this.parseExpression() });
      } else {
        if (args.spread || args.spreadNamed || args.named.length > 0)
          this.refuse('an argument stands behind a named one');
        args.positional.push(this.parseExpression());
      }
      if (!this.is('operator', ')')) this.expect('operator', ',');
    }
    return args;
  }

  /** A target of an assignment: names, tuples of names, `namespace.attribute`. */
  parseTarget(withNamespace: boolean, isEnd: (token: Token) => boolean): Target {
    const items: Target[] = [];
    let isTuple = false;
    while (!isEnd(this.token)) {
      items.push(this.#oneTarget(withNamespace));
      if (!this.skip('operator', ',')) break;
      isTuple = true;
    }
    if (isTuple) return { kind: 'tuple', items };
    return items[0] ?? this.unexpected('a name');
  }

  #oneTarget(withNamespace: boolean): Target {
    if (this.skip('operator', '(')) {
      const inner = this.nest(() => this.parseTarget(withNamespace, ({ text }) => text === ')'));
      this.expect('operator', ')');
      return inner;
    }
    const name = this.expect('name').text;
    if (CONSTANTS.has(name)) this.refuse(`cannot assign to "${name}"`);
    if (!withNamespace || !this.skip('operator', '.')) return { kind: 'name', name };
    return { kind: 'attribute', object: name, name: this.expect('name').text };
  }
}

const noArguments = (): Arguments => ({ positional: [], named: [], spread: null, spreadNamed: null });
