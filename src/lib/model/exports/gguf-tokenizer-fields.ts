// The metadata of a GGUF file that stands for a byte-level BPE tokenizer which cuts words as GPT-2 does.

import type { Folder } from '#lib/core/folder.ts';
import { UnsupportedError } from '#lib/formats/errors.ts';
import { isJsonObject, readJsonFile, type JsonObject } from '#lib/formats/json/json-file.ts';
import type { GgufField } from '#lib/formats/model/encode-gguf.ts';

const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;
const MAX_TOKENIZER = 64 << 20;

export async function ggufTokenizerFields(folder: Folder, vocab: number): Promise<GgufField[]> {
  const file = `${folder.name}/tokenizer.json`;
  const refuse = (what: string): never => {
    throw new UnsupportedError(file, what, 'Choose a GGUF file of this model, or open the folder on the own engine.');
  };
  const json = await readJsonFile(folder, 'tokenizer.json', MAX_TOKENIZER);
  const settings = (await folder.has('tokenizer_config.json'))
    ? await readJsonFile(folder, 'tokenizer_config.json', MAX_TOKENIZER)
    : {};
  const { model, pre_tokenizer: cuts, normalizer } = json;
  if (
    !isJsonObject(model) ||
    model['type'] !== 'BPE' ||
    !isJsonObject(model['vocab']) ||
    !Array.isArray(model['merges'])
  )
    return refuse('the tokenizer is not BPE');
  const isGpt2 =
    isJsonObject(cuts) && cuts['type'] === 'ByteLevel' && cuts['use_regex'] !== false && !cuts['add_prefix_space'];
  if (!isGpt2 || (normalizer ?? null) !== null) return refuse('the tokenizer does not cut words as GPT-2 does');

  const tokens = Array.from({ length: vocab }, (_, id) => `[unused ${id}]`);
  const types = tokens.map(() => UNUSED);
  const place = (id: unknown, token: string, type: number) => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= vocab)
      return refuse(`token ${JSON.stringify(token)} has no id of the vocabulary`);
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(model['vocab'])) place(id, token, NORMAL);
  const added = Array.isArray(json['added_tokens']) ? json['added_tokens'].filter(isJsonObject) : [];
  for (const { id, content, special } of added) place(id, String(content), special ? CONTROL : USER_DEFINED);
  const merges = model['merges'].map((pair: unknown) => (Array.isArray(pair) ? pair.join(' ') : String(pair)));

  const template = settings['chat_template'];
  return [
    ['tokenizer.ggml.model', 'text', 'gpt2'],
    ['tokenizer.ggml.pre', 'text', 'gpt-2'],
    ['tokenizer.ggml.tokens', 'texts', tokens],
    ['tokenizer.ggml.token_type', 'ints', types],
    ['tokenizer.ggml.merges', 'texts', merges],
    ['tokenizer.ggml.add_bos_token', 'bool', settings['add_bos_token'] === true],
    ...(['bos', 'eos'] as const).flatMap((role): GgufField[] => {
      const id = tokens.indexOf(tokenNamed(settings, `${role}_token`));
      return id < 0 ? [] : [[`tokenizer.ggml.${role}_token_id`, 'u32', id]];
    }),
    ...(typeof template === 'string' ? ([['tokenizer.chat_template', 'text', template]] as GgufField[]) : []),
  ];
}

/** A special token is a text, or an object with its content. */
function tokenNamed(settings: JsonObject, role: string): string {
  const value = settings[role];
  if (typeof value === 'string') return value;
  return isJsonObject(value) && typeof value['content'] === 'string' ? value['content'] : '';
}
