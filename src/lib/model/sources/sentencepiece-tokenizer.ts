// tokenizer.json of a folder that has only SentencePiece's `tokenizer.model`, for the classes of tokenizers whose further tokens are known:
// the class in tokenizer_config.json says what stands before a text.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { CONTROL, sentencePieceBpe, UNKNOWN, USER_DEFINED } from './sentencepiece-bpe.ts';
import { parseSentencePiece } from './sentencepiece-model.ts';

export const SENTENCEPIECE_FILE = 'tokenizer.model';
const MAX_BYTES = 64 << 20;
const LLAMA = ['LlamaTokenizer', 'LlamaTokenizerFast', 'GemmaTokenizer', 'GemmaTokenizerFast'];
/** In the order of their ids, behind the pieces of the file. */
const OF_CHATGLM = [
  ...['[MASK]', '[gMASK]', '[sMASK]', 'sop', 'eop'],
  ...['<|system|>', '<|user|>', '<|assistant|>', '<|observation|>'],
];

/** Null where the folder has no such file, or the class is not known. */
export async function sentencePieceTokenizer(folder: Folder, config: JsonObject | null): Promise<JsonObject | null> {
  const of = config?.['tokenizer_class'];
  const isChatGlm = of === 'ChatGLMTokenizer';
  if (!isChatGlm && !LLAMA.includes(String(of))) return null;
  if (!(await folder.has(SENTENCEPIECE_FILE))) return null;
  const file = `${folder.name}/${SENTENCEPIECE_FILE}`;
  const size = await folder.size(SENTENCEPIECE_FILE);
  if (size > MAX_BYTES) throw new FormatError(file, `the file has ${size} bytes; at most ${MAX_BYTES} are read`);
  const { tokens, types, scores, hasPrefix } = parseSentencePiece(await folder.read(SENTENCEPIECE_FILE, 0, size), file);
  const further = isChatGlm ? OF_CHATGLM : [];
  const ids = new Map([...tokens, ...further].map((token, id) => [token, id]));
  if (ids.size !== tokens.length + further.length) throw new FormatError(file, 'the vocabulary has a piece twice');
  const plain = { lstrip: false, rstrip: false, normalized: false };
  const added = [...tokens, ...further].flatMap((content, id) => {
    const isFurther = id >= tokens.length;
    const special = isFurther || types[id] === CONTROL || types[id] === UNKNOWN;
    // "sop" and "eop" also occur within words.
    const single_word = isFurther && /^\w+$/.test(content);
    return special || types[id] === USER_DEFINED ? [{ id, content, special, single_word, ...plain }] : [];
  });
  const unknown = tokens[types.indexOf(UNKNOWN)] ?? null;
  const { around, model } = sentencePieceBpe({ file, tokens, types, scores, ids, unknown, hasPrefix });
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const before = isChatGlm ? ['[gMASK]', 'sop'] : config?.['add_bos_token'] === false ? [] : ['<s>', '<bos>'];
  return {
    version: '1.0',
    added_tokens: added,
    ...around,
    post_processor: startOf(
      before.filter((token) => ids.has(token)),
      ids,
    ),
    model: { type: 'BPE', ...model, vocab },
  };
}

function startOf(before: readonly string[], ids: ReadonlyMap<string, number>): object | null {
  if (before.length === 0) return null;
  return {
    type: 'TemplateProcessing',
    single: [...before.map((id) => ({ SpecialToken: { id, type_id: 0 } })), { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: Object.fromEntries(before.map((id) => [id, { id, ids: [ids.get(id)!], tokens: [id] }])),
  };
}
