// tokenizer.json of a model in a GGUF file, from its metadata: byte-level BPE with its merges, or SentencePiece BPE, which has scores.

import { FormatError, UnsupportedError } from '#lib/formats/errors.ts';
import type { GgufFields } from './gguf-fields.ts';
import { CONTROL, sentencePieceBpe, UNKNOWN, USER_DEFINED } from './sentencepiece-bpe.ts';

const PHI3_PLAIN = new Set(['<unk>', '<s>', '<|endoftext|>']);

const GPT2 = { splits: [], digits: false };
const DIGITS = { splits: [], digits: true };
const LLAMA3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN2 = LLAMA3.replace('\\p{N}{1,3}', '\\p{N}');

const O200K =
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
  "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
  '|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

interface Cuts {
  /** Expressions that cut one after the other; without any, those of GPT-2 do. */
  splits: string[];
  /** Digits are cut one by one first. */
  digits: boolean;
  /** The text is normalised to NFC. */
  nfc?: boolean;
  /** A word that is a token is never cut. */
  wholeWords?: boolean;
  /** A text begins with the BOS token unless the file says otherwise. */
  addsBos?: boolean;
}

const LIKE_LLAMA3: Cuts = { splits: [LLAMA3], digits: false, wholeWords: true, addsBos: true };
const LIKE_QWEN2: Cuts = { splits: [QWEN2], digits: false, nfc: true };

/** By `tokenizer.ggml.pre`, llama.cpp's name for how a text is cut into words. */
const CUTS: Record<string, Cuts> = {
  'gpt-2': GPT2,
  'phi-2': GPT2,
  'llama-bpe': LIKE_LLAMA3,
  llama3: LIKE_LLAMA3,
  'llama-v3': LIKE_LLAMA3,
  qwen2: LIKE_QWEN2,
  'deepseek-r1-qwen': LIKE_QWEN2,
  'gpt-4o': { splits: [O200K], digits: false },
  smollm: DIGITS,
  starcoder: DIGITS,
  refact: DIGITS,
  'command-r': DIGITS,
  default: {
    splits: [
      '[\\p{P}\\$\\+<=>\\^~\\|]+',
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
      '\\p{N}+',
      '[0-9][0-9][0-9]',
    ],
    digits: false,
  },
};

/** Null where the file has no tokenizer. */
export function ggufTokenizer(fields: GgufFields): Record<string, unknown> | null {
  const model = fields.text('tokenizer.ggml.model') ?? 'none';
  if (model === 'none' || model === 'no_vocab') return null;
  const tokens = fields.texts('tokenizer.ggml.tokens');
  const types = fields.numbers('tokenizer.ggml.token_type');
  const ids = new Map(tokens.map((token, id) => [token, id]));
  if (ids.size !== tokens.length) throw new FormatError(fields.file, 'field "tokenizer.ggml.tokens" has a token twice');
  const added = tokens.flatMap((content, id) => {
    const type = types[id];
    const special = type === CONTROL || type === UNKNOWN;
    // Phi-3's tokens take the space behind them; the metadata does not say so, and llama.cpp knows them in the same way.
    const rstrip = fields.architecture === 'phi3' && model === 'llama' && !PHI3_PLAIN.has(content);
    const plain = { single_word: false, lstrip: false, rstrip, normalized: false };
    return special || type === USER_DEFINED ? [{ id, content, special, ...plain }] : [];
  });
  const kinds = { gpt2: byteLevel, llama: sentencePiece };
  if (!Object.hasOwn(kinds, model)) {
    throw new UnsupportedError(
      fields.file,
      `field "tokenizer.ggml.model" is "${model.slice(0, 40)}"`,
      'Tokenizers of type gpt2 and llama are read.',
    );
  }
  const vocab = Object.fromEntries(ids);
  const made = kinds[model as keyof typeof kinds]({ fields, tokens, types, ids });
  return {
    version: '1.0',
    added_tokens: added,
    ...made.around,
    post_processor: startOf(fields, tokens, made.addsBos),
    model: { type: 'BPE', ...made.model, vocab },
  };
}

interface Vocabulary {
  fields: GgufFields;
  tokens: string[];
  types: number[];
  ids: ReadonlyMap<string, number>;
}

interface Made {
  around: object;
  model: object;
  addsBos: boolean;
}

function byteLevel({ fields }: Vocabulary): Made {
  const pre = fields.text('tokenizer.ggml.pre') ?? 'default';
  const cuts = Object.hasOwn(CUTS, pre) ? CUTS[pre] : undefined;
  if (!cuts) {
    throw new UnsupportedError(
      fields.file,
      `field "tokenizer.ggml.pre" is "${pre.slice(0, 40)}", a way to cut texts that is not known here`,
      `Known are ${Object.keys(CUTS).join(', ')}; open the model as a Hugging Face folder instead.`,
    );
  }
  const isolated = { behavior: 'Isolated', invert: false };
  const pretokenizers = [
    ...(cuts.digits ? [{ type: 'Digits', individual_digits: true }] : []),
    ...cuts.splits.map((Regex) => ({ type: 'Split', pattern: { Regex }, ...isolated })),
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: cuts.splits.length === 0 },
  ];
  return {
    around: {
      normalizer: cuts.nfc ? { type: 'NFC' } : null,
      pre_tokenizer: { type: 'Sequence', pretokenizers },
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    },
    model: { ignore_merges: cuts.wholeWords === true, merges: fields.texts('tokenizer.ggml.merges') },
    addsBos: cuts.addsBos === true,
  };
}

function sentencePiece({ fields, tokens, types, ids }: Vocabulary): Made {
  const scores = fields.numbers('tokenizer.ggml.scores');
  if (scores.length !== tokens.length)
    throw new FormatError(
      fields.file,
      `field "tokenizer.ggml.scores" has ${scores.length} scores for ${tokens.length} tokens`,
    );
  const unknown = tokens[fields.numberOrNull('tokenizer.ggml.unknown_token_id') ?? types.indexOf(UNKNOWN)] ?? null;
  const hasPrefix = fields.flag('tokenizer.ggml.add_space_prefix', true);
  return { ...sentencePieceBpe({ file: fields.file, tokens, types, scores, ids, unknown, hasPrefix }), addsBos: true };
}

function startOf(fields: GgufFields, tokens: string[], addsBos: boolean): object | null {
  const id = fields.numberOrNull('tokenizer.ggml.bos_token_id');
  const token = id === null ? undefined : tokens[id];
  if (token === undefined || !fields.flag('tokenizer.ggml.add_bos_token', addsBos)) return null;
  return {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: token, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}
