// Question and answer behind a receipt's salted hashes, and the file in which their holder reveals them,
// `payable/revealed-answer@1`: JSON with the salt, the text, and the token ids that the engine read or wrote. A holder may reveal one
// of the two and keep the other.

import { fromHex, joinBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { FormatError } from '../errors.ts';
import { isJsonObject, parseJsonObject } from '../json/json-file.ts';
import { TAG } from './hash-tags.ts';

export interface RevealedText {
  /** 32 random bytes. Without it a hash says nothing about a text that could be guessed. */
  salt: Hex;
  text: string;
  /** Empty where the runtime does not say them. */
  tokens: readonly number[];
}

export type RevealedSide = 'input' | 'output';
export type RevealedAnswer = Partial<Record<RevealedSide, RevealedText>>;

const KIND = 'payable/revealed-answer@1';
const MOST_CHARS = 16 << 20;
const MOST_TOKENS = 1 << 20;
const SIDES: readonly RevealedSide[] = ['input', 'output'];

/** keccak256 of tag, salt, number of tokens, tokens (4 bytes each) and the text in UTF-8. @throws OutOfRangeError */
export function hashRevealed(side: RevealedSide, { salt, text, tokens }: RevealedText): Hex {
  if (!text.isWellFormed()) throw new OutOfRangeError('A text with half a character has no hash');
  const ids = tokens.map((token) => uintBytes(token, 4));
  const tag = Uint8Array.of(side === 'input' ? TAG.input : TAG.output);
  const bytes = joinBytes([tag, fromHex(salt), uintBytes(tokens.length, 4), ...ids, new TextEncoder().encode(text)]);
  return toHex(keccak256(bytes));
}

/** @library For holders who reveal an answer. */
export const encodeRevealed = (revealed: RevealedAnswer): string => JSON.stringify({ kind: KIND, ...revealed });

/** @throws FormatError that names the field */
export function parseRevealed(source: string, file: string): RevealedAnswer {
  if (source.length > MOST_CHARS) throw new FormatError(file, `it is longer than ${MOST_CHARS} characters`);
  const value = parseJsonObject(source, file);
  if (value['kind'] !== KIND) throw new FormatError(file, `it is not ${KIND}`);
  const stranger = Object.keys(value).find((name) => name !== 'kind' && name !== 'input' && name !== 'output');
  if (stranger !== undefined) throw new FormatError(file, `field "${stranger.slice(0, 60)}" is not known`);
  const given = SIDES.filter((side) => value[side] !== undefined);
  if (given.length === 0) throw new FormatError(file, 'it reveals neither "input" nor "output"');
  return Object.fromEntries(given.map((side) => [side, readText(value[side], side, file)]));
}

function readText(value: unknown, side: string, file: string): RevealedText {
  if (!isJsonObject(value)) throw new FormatError(file, `field "${side}" is not an object`);
  const { salt, text, tokens } = value;
  if (typeof salt !== 'string' || !/^0x[0-9a-f]{64}$/.test(salt)) {
    throw new FormatError(file, `field "${side}.salt" does not have 32 bytes in small hexadecimal digits`);
  }
  if (typeof text !== 'string' || !text.isWellFormed())
    throw new FormatError(file, `field "${side}.text" is not a text`);
  const isToken = (one: unknown): one is number =>
    typeof one === 'number' && Number.isInteger(one) && one >= 0 && one < 2 ** 32;
  if (!Array.isArray(tokens) || tokens.length > MOST_TOKENS || !tokens.every(isToken)) {
    throw new FormatError(file, `field "${side}.tokens" is not a list of token ids`);
  }
  return { salt: salt as Hex, text, tokens };
}
