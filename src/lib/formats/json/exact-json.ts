// Parses JSON without loss, where `JSON.parse` rounds long integers, makes 1.0 the same as 1, and reorders keys that look like
// numbers.

import { FormatError } from '../errors.ts';

/**
 * JSON as plain values that can be posted to a worker. A whole number is an int, any other a float; an int beyond 2^53 is a
 * bigint; a float with a whole value is a boxed number (`Object(1)`). An object with keys that look like numbers is a Map, which
 * keeps their order.
 */
export type Plain =
  | null
  | undefined
  | boolean
  | number
  | bigint
  // eslint-disable-next-line @typescript-eslint/no-wrapper-object-types -- survives structured cloning, as no class of ours would
  | Number
  | string
  | readonly Plain[]
  | ReadonlyMap<string, Plain>
  | { readonly [key: string]: Plain };

const MAX_DEPTH = 200;
const MAX_DIGITS = 4300;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
/** Python's extensions of the standard. */
const WORDS = new Map<string, Plain>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** `file` is used in errors only. */
export function parseExactJson(text: string, file: string): Plain {
  return new Reader(text, file).document();
}

class Reader {
  readonly #text: string;
  readonly #file: string;
  #at = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  document(): Plain {
    const value = this.#value(0);
    this.#take(SPACE);
    if (this.#at < this.#text.length) this.#fail('something follows the end');
    return value;
  }

  #fail(what: string): never {
    throw new FormatError(this.#file, `not valid JSON (${what}, at character ${this.#at + 1})`);
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }

  #skip(sign: string): boolean {
    this.#take(SPACE);
    const found = this.#text[this.#at] === sign;
    if (found) this.#at++;
    return found;
  }

  #value(depth: number): Plain {
    if (depth > MAX_DEPTH) this.#fail(`nested more than ${MAX_DEPTH} levels deep`);
    if (this.#skip('[')) return this.#list(depth);
    if (this.#skip('{')) return this.#object(depth);
    if (this.#text[this.#at] === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  #number(): Plain {
    const match = this.#take(NUMBER);
    if (!match || match[0] === '') return this.#fail('expected a value');
    const [source, fraction, exponent] = match;
    const number = Number(source);
    if (fraction !== undefined || exponent !== undefined) {
      return Number.isInteger(number) ? (Object(number) as Plain) : number;
    }
    if (source.length > MAX_DIGITS) return this.#fail(`an integer of more than ${MAX_DIGITS} digits`);
    // Python's integers have no negative zero.
    return Number.isSafeInteger(number) ? number + 0 : BigInt(source);
  }

  #string(): string {
    const match = this.#take(STRING);
    if (!match) return this.#fail('a text does not end');
    try {
      return JSON.parse(match[0]) as string;
    } catch {
      return this.#fail('a text holds a character or an escape that is not allowed');
    }
  }

  #list(depth: number): Plain[] {
    const items: Plain[] = [];
    if (this.#skip(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#skip(','));
    if (!this.#skip(']')) this.#fail('expected "," or "]"');
    return items;
  }

  #object(depth: number): Plain {
    const entries = new Map<string, Plain>();
    if (this.#skip('}')) return {};
    do {
      this.#take(SPACE);
      const key = this.#string();
      if (!this.#skip(':')) this.#fail('expected ":"');
      entries.set(key, this.#value(depth + 1));
    } while (this.#skip(','));
    if (!this.#skip('}')) this.#fail('expected "," or "}"');
    // An object would move such keys to its front, or set its prototype with the last.
    const isPlain = ![...entries.keys()].some((key) => /^\d+$/.test(key) || key === '__proto__');
    return isPlain ? Object.fromEntries(entries) : entries;
  }
}
