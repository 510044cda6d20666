// Reads a template's tokens one by one, with errors for unexpected tokens.

import { fail, TemplateFailure } from './failure.ts';
import type { Token, TokenType } from './lexer.ts';

const MAX_DEPTH = 150;

export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  protected get token(): Token {
    return this.#tokens[this.#at]!;
  }

  protected next(): Token {
    const token = this.token;
    if (token.type !== 'end') this.#at++;
    return token;
  }

  protected is(type: TokenType, text?: string): boolean {
    return this.token.type === type && (text === undefined || this.token.text === text);
  }

  protected peekIs(type: TokenType, text: string): boolean {
    const token = this.#tokens[this.#at + 1];
    return token?.type === type && token.text === text;
  }

  protected skip(type: TokenType, text?: string): boolean {
    const found = this.is(type, text);
    if (found) this.next();
    return found;
  }

  protected expect(type: TokenType, text?: string): Token {
    if (!this.is(type, text)) this.unexpected(text ?? type);
    return this.next();
  }

  protected unexpected(wanted: string): never {
    const { type, text } = this.token;
    this.refuse(
      `unexpected ${type === 'end' ? 'end of the template' : JSON.stringify(text.slice(0, 40))}, expected ${wanted}`,
    );
  }

  protected refuse(message: string): never {
    const failure = new TemplateFailure('TemplateSyntaxError', message);
    failure.line = this.token.line;
    throw failure;
  }

  /** Runs one nesting level deeper; refuses excessive depth before the stack overflows. */
  protected nest<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) fail('LimitError', `it is nested more than ${MAX_DEPTH} levels deep`);
    const result = parse();
    this.#depth--;
    return result;
  }
}
