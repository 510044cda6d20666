// Everything about text a loaded model needs: prompts to ids, ids to text, and which ids end an answer.
// It reads a folder's tokenizer files once; a folder without them still loads, and then speaks ids only.

import type { Folder } from '#lib/core/folder.ts';
import { isJsonObject, readJsonFile, readTextFile, type JsonObject } from '#lib/core/format/json-file.ts';
import type { Prompt } from './chat-message.ts';
import { createChatTemplate, type ChatTemplate } from './chat-template.ts';
import { ChatTemplateError, TokenizerError } from './errors.ts';
import { findStopIds } from './generation-config.ts';
import type { TextStream, TextStreamSettings } from './text-stream.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

export interface TextModel {
  /** Ids of a prompt. Text and rendered messages begin with the BOS token exactly once, if the model has one. */
  encodePrompt(prompt: Prompt): number[];
  /** Streams an answer. A model without a tokenizer streams empty text. */
  decodeStream(settings?: TextStreamSettings): TextStream;
  decode(ids: readonly number[]): string;
  stopIds: Set<number>;
  hasChatTemplate: boolean;
  hasTokenizer: boolean;
}

export interface TextSettings {
  /** Today, for chat templates that print a date. */
  today?: () => Date;
}

const MAX_TOKENIZER = 256 << 20;
const SPECIALS = ['bos_token', 'eos_token', 'unk_token', 'pad_token', 'sep_token', 'cls_token', 'mask_token'];

export async function loadText(folder: Folder, vocab: number, settings: TextSettings = {}): Promise<TextModel> {
  const model = folder.name;
  const optional = async (path: string): Promise<JsonObject | null> =>
    (await folder.has(path)) ? readJsonFile(folder, path, MAX_TOKENIZER) : null;
  const [json, tokenizerConfig, generationConfig, config] = [
    await optional('tokenizer.json'),
    await optional('tokenizer_config.json'),
    await optional('generation_config.json'),
    await optional('config.json'),
  ];
  const tokenizer = json && createTokenizer(json, tokenizerConfig ?? {}, model);
  const specials = specialTokens(tokenizerConfig ?? {});
  const source = tokenizer && (await templateSource(folder, tokenizerConfig ?? {}));
  const template = source === null ? null : createChatTemplate(source, { specials, today: settings.today }, model);
  const stopIds = findStopIds({
    model,
    vocab,
    generationConfig,
    config,
    eosToken: specials['eos_token'] ?? null,
    tokenizer,
    template: source,
  });
  if (!tokenizer) return idsOnly(model, stopIds, await folder.has('tokenizer.model'));
  return {
    encodePrompt: (prompt) => encode(prompt, { model, vocab, tokenizer, template, specials }),
    decodeStream: (streamSettings) => tokenizer.stream(streamSettings),
    decode: (ids) => tokenizer.decode(ids),
    stopIds,
    hasChatTemplate: template !== null,
    hasTokenizer: true,
  };
}

interface Encoder {
  model: string;
  vocab: number;
  tokenizer: Tokenizer;
  template: ChatTemplate | null;
  specials: Record<string, string>;
}

function encode(prompt: Prompt, { model, vocab, tokenizer, template, specials }: Encoder): number[] {
  if ('ids' in prompt) return [...prompt.ids];
  let text: string;
  if ('text' in prompt) {
    text = prompt.text;
  } else {
    if (!template) {
      throw new ChatTemplateError(model, 'the model has no chat template', {
        hint: 'It is a base model: send a plain text prompt, or load an instruction-tuned model.',
      });
    }
    text = template.render(prompt.messages);
  }
  const ids = tokenizer.encode(text, { addSpecial: true });
  const idOf = (name: string) => (specials[name] === undefined ? null : tokenizer.idOf(specials[name]));
  const [bos, eos] = [idOf('bos_token'), idOf('eos_token')];
  // The template, the user or the tokenizer may each have written it.
  while (bos !== null && ids[0] === bos && ids[1] === bos) ids.shift();
  // An end token the tokenizer appends would close the prompt before the answer.
  if (eos !== null && ids.at(-1) === eos && !text.endsWith(specials['eos_token']!)) ids.pop();
  const beyond = ids.find((id) => id >= vocab);
  if (beyond !== undefined) {
    throw new TokenizerError(
      model,
      `the text has token ${JSON.stringify(tokenizer.tokenOf(beyond))} (id ${beyond}), the model knows ids below ${vocab}`,
      {
        hint: 'Remove it from the text; if every text fails, tokenizer.json belongs to another model.',
      },
    );
  }
  return ids;
}

/** The template file wins over the config's field, as in the reference implementation. */
async function templateSource(folder: Folder, config: JsonObject): Promise<string | null> {
  if (await folder.has('chat_template.jinja')) return readTextFile(folder, 'chat_template.jinja', 1 << 20);
  const field = config['chat_template'] ?? null;
  if (field === null || typeof field === 'string') return field;
  const list = Array.isArray(field) ? (field as unknown[]).filter(isJsonObject) : [];
  const named = list.find((entry) => entry['name'] === 'default')?.['template'];
  if (typeof named === 'string') return named;
  throw new ChatTemplateError(
    `${folder.name}/tokenizer_config.json`,
    'field "chat_template" is neither text nor a list with a "default" entry',
    {
      hint: 'Check that file.',
    },
  );
}

/** Written as text, or as an object with `content`. */
function specialTokens(config: JsonObject): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of SPECIALS) {
    const value = config[name];
    const text = isJsonObject(value) ? value['content'] : value;
    if (typeof text === 'string' && text !== '') out[name] = text;
  }
  return out;
}

function idsOnly(model: string, stopIds: Set<number>, hasSentencePiece: boolean): TextModel {
  const none = (): never => {
    throw new TokenizerError(model, 'the folder has no tokenizer.json', {
      hint: hasSentencePiece
        ? 'It has tokenizer.model only; convert it to tokenizer.json, or send token ids.'
        : 'Add the tokenizer.json of the model, or send token ids.',
    });
  };
  return {
    encodePrompt: (prompt) => ('ids' in prompt ? [...prompt.ids] : none()),
    decodeStream: () => ({ push: () => '', end: () => '' }),
    decode: none,
    stopIds,
    hasChatTemplate: false,
    hasTokenizer: false,
  };
}
