// The text side of a loaded model: prompts to ids, ids to text, and the ids that end an answer. Reads a folder's tokenizer files
// once; a folder without them still loads, but accepts ids only.

import type { Folder } from '#lib/core/folder.ts';
import { readJsonFile, type JsonObject } from '#lib/formats/json/json-file.ts';
import type { ChatPrompt, Prompt } from './chat-message.ts';
import { chooseTemplate, readTemplateSources } from './chat-template-source.ts';
import { createChatTemplate, type ChatTemplate } from './chat-template.ts';
import { TokenizerError } from './errors.ts';
import type { GenerationMarks } from './jinja/renderer.ts';
import type { LabelledTokens, LabelSource } from './labels/label-source.ts';
import { labelTokens, type LabelTools, type Unusable } from './labels/label-tokens.ts';
import { findStopIds } from './generation-config.ts';
import { SENTENCEPIECE_FILE, sentencePieceTokenizer } from './sources/sentencepiece-tokenizer.ts';
import { readSpecialTokens } from './special-tokens.ts';
import type { TextStream, TextStreamSettings } from './text-stream.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

export interface TextModel {
  /**
   * The ids of a prompt. Text begins with exactly one BOS token, if the tokenizer adds one; rendered messages are used exactly as
   * the template writes them. `text` is null for a prompt of ids.
   */
  readPrompt(prompt: Prompt): { ids: number[]; text: string | null };
  /**
   * The tokens of a training example, and which of them carry loss. @throws ChatTemplateError when the template refuses it
   */
  label(source: LabelSource): LabelledTokens | Unusable;
  /** Streams an answer. A model without a tokenizer streams empty text. `special`: with the special tokens. */
  decodeStream(settings?: TextStreamSettings & { special?: boolean }): TextStream;
  /** `special`: with the special tokens. */
  decode(ids: readonly number[], settings?: { special: boolean }): string;
  stopIds: Set<number>;
  hasChatTemplate: boolean;
  hasTokenizer: boolean;
}

const MAX_TOKENIZER = 256 << 20;

/** `today` is the wall clock, for chat templates that print a date. */
export async function loadText(folder: Folder, vocab: number, today: () => Date): Promise<TextModel> {
  const model = folder.name;
  const optional = async (path: string): Promise<JsonObject | null> =>
    (await folder.has(path)) ? readJsonFile(folder, path, MAX_TOKENIZER) : null;
  const [json, tokenizerConfig, tokensMap, addedTokens, generationConfig, config] = [
    await optional('tokenizer.json'),
    await optional('tokenizer_config.json'),
    await optional('special_tokens_map.json'),
    await optional('added_tokens.json'),
    await optional('generation_config.json'),
    await optional('config.json'),
  ];
  const { byName: specials, declared } = readSpecialTokens({
    config: tokenizerConfig ?? {},
    map: tokensMap,
    added: addedTokens,
  });
  const described = json ?? (await sentencePieceTokenizer(folder, tokenizerConfig));
  const tokenizer = described && createTokenizer(described, model, declared);
  const sources = await readTemplateSources(folder, tokenizerConfig ?? {});
  const stopIds = findStopIds({
    model,
    vocab,
    generationConfig,
    config,
    eosToken: specials['eos_token'] ?? null,
    tokenizer,
    template: [...sources.values()].join('\n'),
  });
  if (!tokenizer) return idsOnly(model, stopIds, await folder.has(SENTENCEPIECE_FILE));
  const templates = new Map<string, ChatTemplate>();
  const render = (prompt: ChatPrompt, tags?: GenerationMarks): string => {
    const source = chooseTemplate(sources, (prompt.tools ?? null) !== null, model);
    const template = templates.get(source) ?? createChatTemplate(source, specials, model);
    templates.set(source, template);
    return template.render(prompt, today, tags);
  };
  const idOf = (name: string) => (specials[name] === undefined ? null : tokenizer.idOf(specials[name]));
  const labels: LabelTools = {
    tokenizer,
    render: sources.size === 0 ? null : render,
    templates: [...sources.values()],
    stopIds,
    bosId: idOf('bos_token'),
    eosId: idOf('eos_token'),
  };
  const checked = (ids: number[]): number[] => checkVocabulary(ids, { model, vocab, tokenizer });
  return {
    readPrompt: (prompt) => {
      if ('ids' in prompt) return { ids: [...prompt.ids], text: null };
      if ('text' in prompt) return { ids: checked(encodeText(prompt.text, tokenizer, specials)), text: prompt.text };
      const text = render(prompt);
      return { ids: checked(tokenizer.encode(text, { addSpecial: false })), text };
    },
    label: (source) => {
      const labelled = labelTokens(source, labels);
      if ('ids' in labelled) checked(labelled.ids);
      return labelled;
    },
    decodeStream: (streamSettings) => tokenizer.stream(streamSettings),
    decode: (ids, settings) => tokenizer.decode(ids, settings),
    stopIds,
    hasChatTemplate: sources.size > 0,
    hasTokenizer: true,
  };
}

function encodeText(text: string, tokenizer: Tokenizer, specials: Readonly<Record<string, string>>): number[] {
  const ids = tokenizer.encode(text, { addSpecial: true });
  const idOf = (name: string) => (specials[name] === undefined ? null : tokenizer.idOf(specials[name]));
  const [bos, eos] = [idOf('bos_token'), idOf('eos_token')];
  // Both the user and the tokenizer may have added a BOS.
  while (bos !== null && ids[0] === bos && ids[1] === bos) ids.shift();
  // An end token added by the tokenizer would end the prompt before the answer.
  if (eos !== null && ids.at(-1) === eos && !text.endsWith(specials['eos_token']!)) ids.pop();
  return ids;
}

interface Vocabulary {
  model: string;
  vocab: number;
  tokenizer: Tokenizer;
}

function checkVocabulary(ids: number[], { model, vocab, tokenizer }: Vocabulary): number[] {
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

function idsOnly(model: string, stopIds: Set<number>, hasSentencePiece: boolean): TextModel {
  const none = (): never => {
    throw new TokenizerError(model, 'the folder has no tokenizer.json', {
      hint: hasSentencePiece
        ? 'Its tokenizer.model is of a class that is not known here; convert it to tokenizer.json, or send token ids.'
        : 'Add the tokenizer.json of the model, or send token ids.',
    });
  };
  return {
    readPrompt: (prompt) => ('ids' in prompt ? { ids: [...prompt.ids], text: null } : none()),
    label: none,
    decodeStream: () => ({ push: () => '', end: () => '' }),
    decode: none,
    stopIds,
    hasChatTemplate: false,
    hasTokenizer: false,
  };
}
