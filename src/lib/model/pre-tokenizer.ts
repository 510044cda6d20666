// Splits text before BPE, with all pre-tokenizers of the Rust library except UnicodeScripts. @huggingface/tokenizers compiles the
// patterns; their matches are handled as in the Rust library.

import { ByteLevelPreTokenizer, SplitPreTokenizer } from '@huggingface/tokenizers';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { cut, matchAll, type Behaviour, type Match } from './split-behaviour.ts';

/** A piece of text that will become tokens. `opens` is true when it starts at the beginning of the text. */
export interface Piece {
  text: string;
  opens: boolean;
}

export type PreTokenizer = (pieces: readonly Piece[]) => Piece[];

const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const WORDS =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;
const SPACE = /\p{White_Space}/gu;
const PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/gu;
const NUMERIC = /\p{N}/gu;
const BEHAVIOURS = ['Isolated', 'Removed', 'Contiguous', 'MergedWithPrevious', 'MergedWithNext'];

export function createPreTokenizer(json: unknown): PreTokenizer {
  if (json === null || json === undefined) return (pieces) => [...pieces];
  if (!isJsonObject(json)) throw new Error('its pre-tokenizer is not an object');
  const { type } = json;
  switch (type) {
    case 'Sequence': {
      const parts = json['pretokenizers'];
      if (!Array.isArray(parts)) throw new Error('its sequence of pre-tokenizers is not a list');
      const steps = (parts as unknown[]).map(createPreTokenizer);
      return (pieces) => steps.reduce<Piece[]>((rest, step) => step(rest), [...pieces]);
    }
    case 'Split': {
      const pattern = compile(json['pattern']);
      return cutting((text) => matchAll(text, pattern), behaviourOf(json), json['invert'] === true);
    }
    case 'ByteLevel':
      return byteLevel(json);
    case 'Metaspace':
      return metaspace(json);
    case 'Whitespace':
      return cutting((text) => matchAll(text, WORDS), 'Removed', true);
    case 'WhitespaceSplit':
      return cutting((text) => matchAll(text, SPACE), 'Removed');
    case 'BertPreTokenizer': {
      const words = cutting((text) => matchAll(text, SPACE), 'Removed');
      const signs = cutting((text) => matchAll(text, PUNCTUATION), 'Isolated');
      return (pieces) => signs(words(pieces));
    }
    case 'Punctuation':
      return cutting((text) => matchAll(text, PUNCTUATION), behaviourOf(json));
    case 'Digits':
      return cutting((text) => matchAll(text, NUMERIC), json['individual_digits'] === true ? 'Isolated' : 'Contiguous');
    case 'CharDelimiterSplit': {
      const mark = compile({ String: json['delimiter'] });
      return cutting((text) => matchAll(text, mark), 'Removed');
    }
    case 'FixedLength': {
      const length = json['length'] ?? 5;
      if (!Number.isInteger(length) || (length as number) < 1) throw new Error('its FixedLength has no length');
      return each((text) => chunks(text, length as number));
    }
    default:
      throw new Error(`its pre-tokenizer "${String(type).slice(0, 40)}" is not supported`);
  }
}

/** Splits each piece separately; only the start of a piece can be the beginning of the text. */
const each =
  (run: (text: string, opens: boolean) => string[]): PreTokenizer =>
  (pieces) =>
    pieces.flatMap(({ text, opens }) =>
      run(text, opens)
        .map((part, i) => ({ text: part, opens: opens && i === 0 }))
        .filter((part) => part.text !== ''),
    );

function cutting(find: (text: string) => Match[], behaviour: Behaviour, invert = false): PreTokenizer {
  return (pieces) =>
    pieces.flatMap(({ text, opens }) =>
      cut(find(text), behaviour, invert)
        .filter(({ start, end }) => end > start)
        .map(({ start, end }) => ({ text: text.slice(start, end), opens: opens && start === 0 })),
    );
}

function behaviourOf(json: JsonObject): Behaviour {
  const name: unknown = json['behavior'] ?? 'Isolated';
  if (typeof name !== 'string' || !BEHAVIOURS.includes(name))
    throw new Error(`its behaviour ${JSON.stringify(name).slice(0, 40)} is not known`);
  return name as Behaviour;
}

function compile(pattern: unknown): RegExp {
  const compiled =
    isJsonObject(pattern) &&
    new SplitPreTokenizer({ type: 'Split', pattern, behavior: 'Isolated', invert: false }).pattern;
  if (!compiled) throw new Error('a pre-tokenizer has no pattern');
  return compiled;
}

function byteLevel(json: JsonObject): PreTokenizer {
  const pattern = json['use_regex'] === false ? null : compile({ Regex: GPT2 });
  const spell = new ByteLevelPreTokenizer({ type: 'ByteLevel', add_prefix_space: false, use_regex: false });
  const prefixed = json['add_prefix_space'] === true;
  const split = pattern ? cutting((text) => matchAll(text, pattern), 'Isolated') : each((text) => [text]);
  const prefix = each((text) => [prefixed && !text.startsWith(' ') ? ` ${text}` : text]);
  const bytes = each((text) => spell.pre_tokenize_text(text, {}));
  return (pieces) => bytes(split(prefix(pieces)));
}

function metaspace(json: JsonObject): PreTokenizer {
  const mark = typeof json['replacement'] === 'string' ? json['replacement'] : '\u2581';
  const scheme = json['prepend_scheme'] ?? (json['add_prefix_space'] === false ? 'never' : 'always');
  const marked = each((text, opens) => {
    const spelled = text.replaceAll(' ', mark);
    const wanted = scheme === 'always' || (scheme === 'first' && opens);
    return [wanted && !spelled.startsWith(mark) ? mark + spelled : spelled];
  });
  if (json['split'] === false) return marked;
  const pattern = compile({ String: mark });
  const split = cutting((text) => matchAll(text, pattern), 'MergedWithNext');
  return (pieces) => split(marked(pieces));
}

function chunks(text: string, length: number): string[] {
  const signs = Array.from(text);
  const out: string[] = [];
  for (let at = 0; at < signs.length; at += length) out.push(signs.slice(at, at + length).join(''));
  return out;
}
