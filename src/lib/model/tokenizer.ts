// Text to token ids and back for one tokenizer.json, identical to the reference implementation. Normalizers, patterns and merges
// come from @huggingface/tokenizers; added tokens, splits and post-processing are implemented here like in the Rust library.

import { Tokenizer as Backend } from '@huggingface/tokenizers';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { createAddedTokenSplitter } from './added-token-splitter.ts';
import { assignIds, readAddedTokens, type DeclaredToken } from './added-tokens.ts';
import { TokenizerError } from './errors.ts';
import { readSurroundings } from './post-processor.ts';
import { createPreTokenizer } from './pre-tokenizer.ts';
import { createTextStream, decodeAll, type TextStream, type TextStreamSettings } from './text-stream.ts';
import { createTokenBytes } from './token-bytes.ts';
import { locate, placeInNormalized, type EncodedSection, type TokenPlace } from './token-places.ts';

export interface EncodedAt {
  ids: number[];
  places: TokenPlace[];
}

export interface Tokenizer {
  /** Number of ids, including added tokens. */
  size: number;
  /** Token ids. `addSpecial` adds the tokens around a text (usually BOS). */
  encode(text: string, options: { addSpecial: boolean }): number[];
  /**
   * Ids of a text, and which of them begin before each of `places` (ascending, in UTF-16 units). No special token is read across a
   * place in `seams`. Null when tokens cannot be assigned to characters, as with an unknown token.
   */
  encodeAt(text: string, wanted: { places: readonly number[]; seams: readonly number[] }): EncodedAt | null;
  /** Text of ids. Special tokens are omitted unless `special` is set. */
  decode(ids: readonly number[], options?: TextStreamSettings & { special?: boolean }): string;
  /** An incremental `decode`. */
  stream(settings?: TextStreamSettings & { special?: boolean }): TextStream;
  /** Id of a token by its exact content, or null. */
  idOf(token: string): number | null;
  tokenOf(id: number): string | null;
  isSpecial(id: number): boolean;
  /** Contents of the special tokens. */
  readonly specials: readonly string[];
}

const MAX_TOKENS = 2_000_000;
const MAX_TEXT = 64 << 20;
const MAX_REGEX = 4096;

/** `declared` are tokens that the folder declares beside tokenizer.json. */
export function createTokenizer(json: JsonObject, model: string, declared: readonly DeclaredToken[] = []): Tokenizer {
  const fail = (what: string, cause?: unknown): never => {
    throw new TokenizerError(model, what, {
      hint: 'Fetch tokenizer.json again, from the same repository as the model.',
      cause,
    });
  };
  const type = isJsonObject(json['model']) ? (json['model']['type'] ?? 'BPE') : 'none';
  if (type !== 'BPE')
    fail(`tokenizer.json has a model of type ${JSON.stringify(type)}, which is not supported (supported: BPE)`);
  boundRegexes(json['pre_tokenizer'], fail);
  boundRegexes(json['normalizer'], fail);
  const bare = { pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  const attempt = <T>(run: () => T): T => {
    try {
      return run();
    } catch (cause) {
      return fail(`tokenizer.json cannot be used (${(cause as Error).message})`, cause);
    }
  };
  const backend = attempt(() => new Backend({ normalizer: null, ...json, ...bare }, {}));
  const preTokenize = attempt(() => createPreTokenizer(json['pre_tokenizer']));
  const vocabulary = backend.model ?? fail('tokenizer.json has no vocabulary');
  const own = vocabulary.tokens_to_ids;
  if (own.size > MAX_TOKENS) fail(`tokenizer.json has ${own.size} tokens; 1 to ${MAX_TOKENS} are read`);
  const added = assignIds([...readAddedTokens(json, MAX_TOKENS, fail), ...declared], {
    size: own.size,
    idOf: (content) => own.get(content),
  });
  const tokens: (string | undefined)[] = [...vocabulary.vocab];
  const ids = new Map(own);
  for (const { id, content } of added) {
    tokens[id] = content;
    ids.set(content, id);
  }
  if (tokens.length === 0 || tokens.length > MAX_TOKENS)
    fail(`tokenizer.json has ${tokens.length} tokens; 1 to ${MAX_TOKENS} are read`);
  const specials = new Set(added.filter(({ special }) => special).map(({ id }) => id));
  const { before, behind } = attempt(() => readSurroundings(json['post_processor']));
  const normalize = (text: string): string => backend.normalizer?.normalize(text) ?? text;
  const splitRaw = createAddedTokenSplitter(
    added.filter(({ normalized }) => !normalized),
    (content) => content,
  );
  const splitNormalized = createAddedTokenSplitter(
    added.filter(({ normalized }) => normalized),
    normalize,
  );
  const idsOfText = (text: string, opens: boolean): number[] => {
    const pieces = preTokenize([{ text, opens }]).map((piece) => piece.text);
    return vocabulary._call(pieces).map((token) => {
      const id = own.get(token) ?? vocabulary.unk_token_id;
      return id ?? fail('the tokenizer has no token for part of the text and no unknown token');
    });
  };
  const encode = (text: string, seams: readonly number[] = []): EncodedSection[] =>
    splitRaw(text, seams).map(({ text: raw, start, token }) => {
      if (token) return { raw, start, normalized: raw, parts: [{ text: raw, ids: [token.id], isToken: true }] };
      const normalized = normalize(raw);
      const within = seams.filter((seam) => seam > start && seam < start + raw.length);
      const parts = splitNormalized(
        normalized,
        within.map((seam) => placeInNormalized(raw, seam - start, normalized, normalize)),
      ).map((part) => ({
        text: part.text,
        ids: part.token ? [part.token.id] : idsOfText(part.text, start === 0 && part.start === 0),
        isToken: part.token !== null,
      }));
      return { raw, start, normalized, parts };
    });
  const idsOf = (sections: readonly EncodedSection[]): number[] =>
    sections.flatMap(({ parts }) => parts.flatMap((part) => part.ids));
  /** A lone surrogate has no UTF-8 encoding, so it is replaced as UTF-8 encoders do. */
  const checked = (text: string): string => {
    if (text.length <= MAX_TEXT) return text.toWellFormed();
    throw new TokenizerError(model, `the text has ${text.length} characters; at most ${MAX_TEXT} are read`, {
      hint: 'Shorten it.',
    });
  };
  const bytesWith = (special: boolean) => {
    const literal = new Map(added.map(({ id, content }) => [id, { content, special: !special && specials.has(id) }]));
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
      const found = idsOf(encode(checked(text)));
      return addSpecial ? [...before, ...found, ...behind] : found;
    },
    encodeAt: (text, { places, seams }) => {
      const sections = encode(checked(text), seams);
      const found = locate(sections, places, { bytes: spelled, normalize });
      return found && { ids: idsOf(sections), places: found };
    },
    decode: (list, { special = false, ...settings } = {}) => decodeAll(special ? spelled : plain, list, settings),
    stream: ({ special = false, ...settings } = {}) => createTextStream(special ? spelled : plain, settings),
    idOf: (token) => ids.get(token) ?? null,
    tokenOf: (id) => tokens[id] ?? null,
    isSpecial: (id) => specials.has(id),
    specials: added.filter(({ special }) => special).map(({ content }) => content),
  };
}

/** Expressions come with the file and run on the user's text; their length is bounded. */
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
