// Bytes that each token adds to the text, as its tokenizer's decoder defines them. Supports byte-level and SentencePiece decoders
// with byte fallback; refuses others by name.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

export interface TokenBytes {
  /** Bytes of the token; empty for special tokens and unknown ids. */
  of(id: number): Uint8Array;
  /** A text as the bytes of its tokens spell it: marks for spaces are spaces. */
  spell(text: string): string;
  /** Number of leading spaces removed at the start of an answer. */
  leadingSpaces: number;
}

interface DecoderRules {
  byteLevel: boolean;
  byteFallback: boolean;
  replace: [string, string][];
  leadingSpaces: number;
}

const NOTHING = new Uint8Array(0);

/** `tokens` is indexed by id; `added` tokens are literal text, except `special` ones, which have no text. */
export function createTokenBytes(
  decoder: unknown,
  tokens: readonly (string | undefined)[],
  added: ReadonlyMap<number, { content: string; special: boolean }>,
): TokenBytes {
  const rules = readRules(decoder);
  const encoder = new TextEncoder();
  const cache = new Map<number, Uint8Array>();
  const bytesOf = (id: number): Uint8Array => {
    const literal = added.get(id);
    if (literal) return literal.special ? NOTHING : encoder.encode(literal.content);
    let token = tokens[id];
    if (token === undefined) return NOTHING;
    if (rules.byteLevel) return byteLevelBytes(token) ?? encoder.encode(token);
    for (const [from, to] of rules.replace) token = token.replaceAll(from, to);
    const byte = rules.byteFallback ? /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1] : undefined;
    return byte === undefined ? encoder.encode(token) : Uint8Array.of(parseInt(byte, 16));
  };
  return {
    of: (id) => {
      let bytes = cache.get(id);
      if (!bytes) cache.set(id, (bytes = bytesOf(id)));
      return bytes;
    },
    spell: (text) =>
      rules.byteLevel ? text : rules.replace.reduce((spelled, [from, to]) => spelled.replaceAll(from, to), text),
    leadingSpaces: rules.leadingSpaces,
  };
}

function readRules(decoder: unknown): DecoderRules {
  const rules: DecoderRules = { byteLevel: false, byteFallback: false, replace: [], leadingSpaces: 0 };
  const steps = isJsonObject(decoder) && decoder['type'] === 'Sequence' ? decoder['decoders'] : [decoder];
  if (!Array.isArray(steps)) throw new Error('its decoder sequence is not a list');
  for (const step of steps as unknown[]) {
    if (!isJsonObject(step)) throw new Error('it has no decoder');
    applyStep(rules, step);
  }
  return rules;
}

function applyStep(rules: DecoderRules, step: JsonObject): void {
  const { type, content, pattern } = step;
  if (type === 'ByteLevel') {
    rules.byteLevel = true;
  } else if (type === 'ByteFallback') {
    rules.byteFallback = true;
  } else if (
    type === 'Replace' &&
    isJsonObject(pattern) &&
    typeof pattern['String'] === 'string' &&
    typeof content === 'string'
  ) {
    rules.replace.push([pattern['String'], content]);
  } else if (type === 'Metaspace') {
    const mark = step['replacement'];
    rules.replace.push([typeof mark === 'string' ? mark : '\u2581', ' ']);
    const never = step['prepend_scheme'] === 'never' || step['add_prefix_space'] === false;
    rules.leadingSpaces = never ? 0 : 1;
  } else if (type === 'Strip' && content === ' ' && (step['stop'] ?? 0) === 0 && Number.isInteger(step['start'])) {
    rules.leadingSpaces = step['start'] as number;
  } else if (type !== 'Fuse') {
    throw new Error(`its decoder "${String(type).slice(0, 40)}" (or one of its settings) is not supported`);
  }
}

let byteOfCharacter: Map<string, number> | undefined;

/** Byte-level vocabularies write every byte as one printable character; null for text in another form. */
function byteLevelBytes(token: string): Uint8Array | null {
  byteOfCharacter ??= byteLevelTable();
  const out = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfCharacter.get(token[i]!);
    if (byte === undefined) return null;
    out[i] = byte;
  }
  return out;
}

function byteLevelTable(): Map<string, number> {
  const table = new Map<string, number>();
  let moved = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    table.set(String.fromCharCode(printable ? byte : moved++), byte);
  }
  return table;
}
