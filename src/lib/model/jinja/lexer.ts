// Splits a template's text into tokens, by Jinja's rules with trim_blocks and lstrip_blocks on, as usual for chat templates.

import { fail, TemplateFailure } from './failure.ts';
import { isBlank, skipSpace, SPACE, stripEnd } from './white-space.ts';

export type TokenType =
  'data' | 'output' | 'output-end' | 'block' | 'block-end' | 'name' | 'string' | 'number' | 'operator' | 'end';

export interface Token {
  type: TokenType;
  /** Content of data and strings, the word of a name, the sign of an operator. */
  text: string;
  line: number;
  number?: bigint | number;
}

const RAW = new RegExp(`\\{%[-+]?[${SPACE}]*raw[${SPACE}]*(-%\\}|%\\})`, 'y');
const END_RAW = new RegExp(`\\{%([-+]?)[${SPACE}]*endraw[${SPACE}]*([-+]?)%\\}`, 'g');
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const STRING = /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const CLOSES: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

const at = (regex: RegExp, text: string, index: number): RegExpExecArray | null => {
  regex.lastIndex = index;
  return regex.exec(text);
};

export function tokenize(template: string): Token[] {
  return new Lexer(template.replace(/\r\n?/g, '\n').replace(/\n$/, '')).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #counted = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    try {
      while (this.#at < this.#source.length) this.#root();
    } catch (error) {
      if (error instanceof TemplateFailure) error.line ??= this.#lineAt(this.#at);
      throw error;
    }
    this.#push('end', '');
    return this.#tokens;
  }

  #lineAt(index: number): number {
    for (; this.#counted < index; this.#counted++) if (this.#source[this.#counted] === '\n') this.#line++;
    return this.#line;
  }

  #push(type: TokenType, text: string, number?: bigint | number): void {
    this.#tokens.push({ type, text, line: this.#lineAt(this.#at), ...(number !== undefined && { number }) });
  }

  /** Text up to the next tag, and the tag. */
  #root(): void {
    const source = this.#source;
    let open = source.indexOf('{', this.#at);
    while (open >= 0 && !'{%#'.includes(source[open + 1] ?? '{?')) open = source.indexOf('{', open + 1);
    if (open < 0) {
      this.#data(source.slice(this.#at));
      this.#at = source.length;
      return;
    }
    const kind = source[open + 1]!;
    const sign = '-+'.includes(source[open + 2] ?? ' ') ? source[open + 2]! : '';
    this.#data(this.#before(source.slice(this.#at, open), sign, kind !== '{'));
    this.#at = open;
    const raw = kind === '%' ? at(RAW, source, open) : null;
    if (raw) {
      this.#at += raw[0].length;
      if (raw[1] === '-%}') this.#at = skipSpace(source, this.#at);
      this.#raw();
    } else if (kind === '#') {
      this.#comment(open + 2 + sign.length);
    } else {
      this.#push(kind === '{' ? 'output' : 'block', source.slice(open, open + 2));
      this.#at += 2 + sign.length;
      this.#expression(kind);
    }
  }

  #data(text: string): void {
    if (text !== '') this.#push('data', text);
  }

  /** The text before a tag after trimming, which depends on the tag's opening sign. */
  #before(text: string, sign: string, isBlock: boolean): string {
    if (sign === '-') return stripEnd(text);
    if (sign === '+' || !isBlock) return text;
    const lineStart = text.lastIndexOf('\n') + 1;
    const opensLine = lineStart > 0 || this.#at === 0 || this.#source[this.#at - 1] === '\n';
    return opensLine && isBlank(text.slice(lineStart)) ? text.slice(0, lineStart) : text;
  }

  #comment(from: number): void {
    const end = this.#source.indexOf('#}', from);
    if (end < 0) fail('TemplateSyntaxError', 'a comment is not closed');
    this.#after(end + 2, end > from ? this.#source[end - 1]! : '');
  }

  /** Continues after a block's end, trimming by its closing sign. */
  #after(index: number, sign: string): void {
    if (sign === '-') index = skipSpace(this.#source, index);
    else if (sign !== '+' && this.#source[index] === '\n') index++;
    this.#at = index;
  }

  #raw(): void {
    if (this.#at >= this.#source.length) return;
    const end = at(END_RAW, this.#source, this.#at);
    if (!end) return fail('TemplateSyntaxError', 'a raw block is not closed');
    this.#data(this.#before(this.#source.slice(this.#at, end.index), end[1]!, true));
    this.#after(end.index + end[0].length, end[2]!);
  }

  #expression(kind: string): void {
    const source = this.#source;
    const open: string[] = [];
    const close = kind === '{' ? '}}' : '%}';
    for (;;) {
      this.#at = skipSpace(source, this.#at);
      if (this.#at >= source.length) return;
      if (open.length === 0) {
        const sign = source[this.#at] === '-' || (kind === '%' && source[this.#at] === '+') ? source[this.#at]! : '';
        if (source.startsWith(close, this.#at + sign.length)) {
          this.#push(kind === '{' ? 'output-end' : 'block-end', close);
          const behind = this.#at + sign.length + 2;
          if (kind === '%') this.#after(behind, sign);
          else this.#at = sign === '-' ? skipSpace(source, behind) : behind;
          return;
        }
      }
      this.#word(open);
    }
  }

  #word(open: string[]): void {
    const source = this.#source;
    let match = source[this.#at - 1] === '.' ? null : at(FLOAT, source, this.#at);
    if (match) this.#push('number', match[0], Number(match[0].replaceAll('_', '')));
    else if ((match = at(INTEGER, source, this.#at))) {
      // The last form is a plain decimal; an extremely long one is refused.
      if (match[0].length > 4300) fail('LimitError', 'it uses an integer of more than 4300 digits');
      this.#push('number', match[0], BigInt(match[0].replaceAll('_', '')));
    } else if ((match = at(NAME, source, this.#at))) this.#push('name', match[0]);
    else if ((match = at(STRING, source, this.#at))) this.#push('string', unescape(match[0].slice(1, -1)));
    else if ((match = at(OPERATOR, source, this.#at))) {
      const sign = match[0];
      if ('([{'.includes(sign)) open.push(sign);
      else if (sign in CLOSES && open.pop() !== CLOSES[sign]) fail('TemplateSyntaxError', `unexpected "${sign}"`);
      this.#push('operator', sign);
    } else {
      const sign = String.fromCodePoint(source.codePointAt(this.#at)!);
      return fail('TemplateSyntaxError', `unexpected character ${JSON.stringify(sign)}`);
    }
    this.#at += match[0].length;
  }
}

const ESCAPES: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Python's escapes; an unknown one stays unchanged. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([xuUN])|([^]))/g,
    (_, octal?: string, hex?: string, short?: string, long?: string, bad?: string, sign?: string) => {
      if (bad !== undefined) fail('TemplateSyntaxError', `a text holds an escape \\${bad} that cannot be read`);
      if (sign !== undefined) return ESCAPES[sign] ?? `\\${sign}`;
      const code = octal === undefined ? parseInt((hex ?? short ?? long)!, 16) : parseInt(octal, 8);
      if (code > 0x10ffff) fail('TemplateSyntaxError', 'a text holds a character beyond Unicode');
      return String.fromCodePoint(code);
    },
  );
}
