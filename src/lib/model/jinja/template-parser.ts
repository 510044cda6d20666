// Parses tokens into statements: Jinja's tags for templates in a single file, with loop controls and generation blocks.

import { ExpressionParser, type Vocabulary } from './expression-parser.ts';
import { TemplateFailure } from './failure.ts';
import { tokenize, type Token } from './lexer.ts';
import type { Expression, Signature, Statement, Target } from './syntax.ts';

/** Tags that read other templates or change escaping; chat templates here cannot use them. */
const NOT_OFFERED = new Set(['include', 'import', 'from', 'extends', 'autoescape']);

export function parseTemplate(source: string, vocabulary: Vocabulary): Statement[] {
  return new TemplateParser(tokenize(source), vocabulary).run();
}

const BLOCK_END = ({ type }: Token): boolean => type === 'block-end';

class TemplateParser extends ExpressionParser {
  #loops = 0;

  run(): Statement[] {
    const program = this.#statements([]);
    const unknown = this.unknown[0];
    if (unknown) {
      const failure = new TemplateFailure('TemplateSyntaxError', unknown.message);
      failure.line = unknown.line;
      throw failure;
    }
    return program;
  }

  /** Parses up to a tag in `ends`, which the caller consumes; with empty `ends`, up to the end. */
  #statements(ends: readonly string[]): Statement[] {
    const out: Statement[] = [];
    for (;;) {
      const { type, text, line } = this.token;
      if (type === 'end') {
        if (ends.length > 0) this.unexpected(ends.map((name) => `"${name}"`).join(' or '));
        return out;
      }
      this.next();
      if (type === 'data') out.push({ kind: 'data', line, text });
      else if (type === 'output') {
        out.push({ kind: 'output', line, value: this.parseSome() });
        this.expect('output-end');
      } else {
        if (this.token.type === 'name' && ends.includes(this.token.text)) return out;
        out.push(...this.nest(() => this.#statement(line)));
        this.expect('block-end');
      }
    }
  }

  /** The body of a block and its end tag. */
  #body(...ends: string[]): { body: Statement[]; end: string } {
    this.skip('operator', ':');
    this.expect('block-end');
    const body = this.#statements(ends);
    return { body, end: this.next().text };
  }

  /** A body with its own scope. */
  #scoped(...ends: string[]): { body: Statement[]; end: string } {
    const from = this.unknown.length;
    const result = this.#body(...ends);
    for (const entry of this.unknown.slice(from)) entry.firm = true;
    return result;
  }

  #statement(line: number): Statement[] {
    const tag = this.expect('name').text;
    switch (tag) {
      case 'if':
        return [this.#if(line)];
      case 'for':
        return [this.#for(line)];
      case 'set':
        return [this.#set(line)];
      case 'macro': {
        const name = this.expect('name').text;
        return [{ kind: 'macro', line, name, signature: this.#functionBody(this.#parameters(), 'endmacro') }];
      }
      case 'call': {
        const parameters = this.is('operator', '(') ? this.#parameters() : [];
        const call = this.parseExpression();
        if (call.kind !== 'call') return this.refuse('a call block calls nothing');
        return [{ kind: 'call-block', line, call, signature: this.#functionBody(parameters, 'endcall') }];
      }
      case 'generation': {
        // Jinja compiles it to a function, so `break` and `continue`
        // cannot leave it.
        const { body } = this.#functionBody([], 'endgeneration');
        return [{ kind: 'generation', line, body }];
      }
      case 'filter': {
        const filters = this.parseFilters({ kind: 'body' }, true);
        return [{ kind: 'filter-block', line, filters, body: this.#scoped('endfilter').body }];
      }
      case 'with':
        return [this.#with(line)];
      case 'print':
        return this.#print(line);
      case 'block':
        return [this.#block(line)];
      case 'break':
      case 'continue':
        if (this.#loops === 0) this.refuse(`"${tag}" stands outside of a loop`);
        return [{ kind: tag, line }];
      default:
        return this.refuse(
          NOT_OFFERED.has(tag) ? `the tag "${tag}" is not offered here` : `Encountered unknown tag '${tag}'.`,
        );
    }
  }

  #if(line: number): Statement {
    const from = this.unknown.length;
    return this.excused(from, () => {
      const branches: { test: Expression; body: Statement[] }[] = [];
      for (;;) {
        const test = this.parseSome(() => this.parseOr());
        const { body, end } = this.#body('elif', 'else', 'endif');
        branches.push({ test, body });
        if (end === 'elif') continue;
        const otherwise = end === 'else' ? this.#body('endif').body : [];
        return { kind: 'if', line, branches, otherwise };
      }
    });
  }

  #for(line: number): Statement {
    const target = this.parseTarget(false, ({ text }) => text === 'in');
    if (namesOf(target).includes('loop')) this.refuse("can't assign to special loop variable in for-loop target");
    this.expect('name', 'in');
    const items = this.parseSome(() => this.parseOr(), 'recursive');
    const test = this.skip('name', 'if') ? this.parseExpression() : null;
    const recursive = this.skip('name', 'recursive');
    this.#loops++;
    const { body, end } = this.#scoped('endfor', 'else');
    this.#loops--;
    const otherwise = end === 'else' ? this.#scoped('endfor').body : [];
    return { kind: 'for', line, target, items, test, recursive, body, otherwise };
  }

  #set(line: number): Statement {
    const target = this.parseTarget(true, ({ type, text }) => type === 'block-end' || text === '=' || text === '|');
    if (this.skip('operator', '=')) return { kind: 'set', line, target, value: this.parseSome() };
    const filters = this.parseFilters({ kind: 'body' });
    return { kind: 'set-block', line, target, filters, body: this.#scoped('endset').body };
  }

  #with(line: number): Statement {
    const items: { target: Target; value: Expression }[] = [];
    while (!BLOCK_END(this.token)) {
      if (items.length > 0) this.expect('operator', ',');
      const target = this.parseTarget(false, ({ text }) => text === '=');
      this.expect('operator', '=');
      items.push({ target, value: this.parseExpression() });
    }
    return { kind: 'with', line, items, body: this.#scoped('endwith').body };
  }

  #print(line: number): Statement[] {
    const out: Statement[] = [];
    while (!BLOCK_END(this.token)) {
      if (out.length > 0) this.expect('operator', ',');
      out.push({ kind: 'output', line, value: this.parseExpression() });
    }
    return out;
  }

  /** Without template inheritance a block is just its content. */
  #block(line: number): Statement {
    const name = this.expect('name').text;
    this.skip('name', 'scoped');
    this.skip('name', 'required');
    const { body } = this.#functionBody([], 'endblock');
    this.skip('name', name);
    return { kind: 'scope', line, body };
  }

  #parameters(): Signature['parameters'] {
    const parameters: Signature['parameters'] = [];
    this.expect('operator', '(');
    while (!this.skip('operator', ')')) {
      if (parameters.length > 0) this.expect('operator', ',');
      const name = this.expect('name').text;
      const fallback = this.skip('operator', '=') ? this.parseExpression() : null;
      if (!fallback && parameters.at(-1)?.fallback) this.refuse('non-default argument follows default argument');
      parameters.push({ name, fallback });
    }
    return parameters;
  }

  #functionBody(parameters: Signature['parameters'], end: string): Signature {
    const reads = new Set<string>();
    this.reads.push(reads);
    const loops = this.#loops;
    this.#loops = 0;
    const { body } = this.#scoped(end);
    this.#loops = loops;
    this.reads.pop();
    const uses = { varargs: reads.has('varargs'), kwargs: reads.has('kwargs'), caller: reads.has('caller') };
    return { parameters, uses, body };
  }
}

const namesOf = (target: Target): string[] =>
  target.kind === 'tuple' ? target.items.flatMap(namesOf) : target.kind === 'name' ? [target.name] : [];
