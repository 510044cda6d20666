// Text to token ids and back for one tokenizer.json, exactly as the reference implementation does it.
// It wraps @huggingface/tokenizers, mends what differs there, and knows no chat, no model and no file system.

import { Tokenizer as Backend } from '@huggingface/tokenizers';
import { isJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';
import { TokenizerError } from './errors.ts';
import { createTextStream, decodeAll, type TextStream, type TextStreamSettings } from './text-stream.ts';
import { createTokenBytes } from './token-bytes.ts';

export interface Tokenizer {
  /** Number of ids, added tokens included. */
  size: number;
  /** Token ids. `addSpecial` adds what the tokenizer puts around a text (the BOS token, for most). */
  encode(text: string, options: { addSpecial: boolean }): number[];
  /** Text of ids. Special tokens are no text unless `special` asks for them. */
  decode(ids: readonly number[], options?: TextStreamSettings & { special?: boolean }): string;
  /** An incremental `decode`. */
  stream(settings?: TextStreamSettings): TextStream;
  /** Id of a token by its exact content, or null. */
  idOf(token: string): number | null;
  tokenOf(id: number): string | null;
  isSpecial(id: number): boolean;
}

const MAX_TOKENS = 2_000_000;
const MAX_TEXT = 64 << 20;
const MAX_REGEX = 4096;

export function createTokenizer(json: JsonObject, config: JsonObject, model: string): Tokenizer {
  const fail = (what: string, cause?: unknown): never => {
    throw new TokenizerError(model, what, {
      hint: 'Fetch tokenizer.json again, from the same repository as the model.',
      cause,
    });
  };
  const type = isJsonObject(json['model']) ? (json['model']['type'] ?? 'BPE') : 'none';
  if (type !== 'BPE')
    fail(`tokenizer.json has a model of type ${JSON.stringify(type)}, which is not supported (supported: BPE)`);
  const { added, specials } = readAdded(json, fail);
  boundRegexes(json['pre_tokenizer'], fail);
  boundRegexes(json['normalizer'], fail);
  const mended = {
    normalizer: null,
    post_processor: null,
    decoder: null,
    ...json,
    added_tokens: json['added_tokens'] ?? [],
  };
  let backend: Backend;
  try {
    backend = new Backend({ ...mended, pre_tokenizer: mendDigits(json['pre_tokenizer'] ?? null) }, { ...config });
  } catch (cause) {
    return fail(`tokenizer.json cannot be used (${(cause as Error).message})`, cause);
  }
  const tokens = backend.model?.vocab ?? [];
  if (tokens.length === 0 || tokens.length > MAX_TOKENS)
    fail(`tokenizer.json has ${tokens.length} tokens; 1 to ${MAX_TOKENS} are read`);
  const bytesWith = (special: boolean) => {
    const literal = new Map(
      [...added].map(([id, content]) => [id, { content, special: !special && specials.has(id) }]),
    );
    try {
      return createTokenBytes(json['decoder'] ?? null, tokens, literal);
    } catch (cause) {
      return fail(`tokenizer.json cannot be used: ${(cause as Error).message}`, cause);
    }
  };
  const plain = bytesWith(false);
  const spelled = bytesWith(true);

  return {
    size: tokens.length,
    encode: (text, { addSpecial }) => {
      if (text.length > MAX_TEXT) {
        throw new TokenizerError(model, `the text has ${text.length} characters; at most ${MAX_TEXT} are read`, {
          hint: 'Shorten it.',
        });
      }
      // A lone surrogate has no UTF-8; the reference never sees one.
      const { ids } = backend.encode(text.toWellFormed(), { add_special_tokens: addSpecial });
      if (ids.some((id) => !Number.isInteger(id)))
        return fail('the tokenizer has no token for part of the text and no unknown token');
      return ids;
    },
    decode: (ids, { special = false, ...settings } = {}) => decodeAll(special ? spelled : plain, ids, settings),
    stream: (settings) => createTextStream(plain, settings),
    idOf: (token) => backend.token_to_id(token) ?? null,
    tokenOf: (id) => backend.id_to_token(id) ?? null,
    isSpecial: (id) => specials.has(id),
  };
}

function readAdded(
  json: JsonObject,
  fail: (what: string) => never,
): { added: Map<number, string>; specials: Set<number> } {
  const list = json['added_tokens'] ?? [];
  if (!Array.isArray(list)) return fail('field "added_tokens" of tokenizer.json is not a list');
  const added = new Map<number, string>();
  const specials = new Set<number>();
  for (const token of list as unknown[]) {
    const { id, content, special } = isJsonObject(token) ? token : {};
    if (
      !Number.isInteger(id) ||
      (id as number) < 0 ||
      (id as number) >= MAX_TOKENS ||
      typeof content !== 'string' ||
      content === ''
    ) {
      return fail('field "added_tokens" of tokenizer.json holds an entry without a valid id and content');
    }
    added.set(id as number, content);
    if (special === true) specials.add(id as number);
  }
  return { added, specials };
}

/** The library's `Digits` splits ASCII digits only; the reference splits every Unicode number. */
function mendDigits(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  if (value['type'] === 'Sequence' && Array.isArray(value['pretokenizers'])) {
    return { ...value, pretokenizers: value['pretokenizers'].map(mendDigits) };
  }
  if (value['type'] !== 'Digits') return value;
  const regex = value['individual_digits'] === true ? '\\p{N}' : '\\p{N}+';
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
}

/** Expressions come with the file and run over the user's text; their size is bounded, their form is not. */
function boundRegexes(value: unknown, fail: (what: string) => never): void {
  if (Array.isArray(value)) {
    for (const entry of value as unknown[]) boundRegexes(entry, fail);
  } else if (isJsonObject(value)) {
    const { Regex: regex } = value;
    if (typeof regex === 'string' && regex.length > MAX_REGEX)
      fail(`tokenizer.json has an expression of ${regex.length} characters; at most ${MAX_REGEX} are read`);
    for (const entry of Object.values(value)) boundRegexes(entry, fail);
  }
}
