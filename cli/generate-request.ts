// Builds the engine's request from the options of a command or from a line of a requests file.

import { parseExactJson, type Plain } from '#lib/formats/json/exact-json.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { GenerateRequest, SamplingSettings } from '#lib/engine/engine.ts';
import type { ChatPrompt, Prompt } from '#lib/model/chat-message.ts';
import type { OptionTypes, OptionValues } from './command.ts';
import { CHAT_FIELDS, chatPromptOf, conversationOf } from './conversation.ts';
import { FileError } from '#node/errors.ts';
import { UsageError } from './errors.ts';
import { readInput, requireAdapter } from './input-files.ts';
import * as option from './option-values.ts';

export const GENERATE_OPTIONS = {
  prompt: { type: 'string' },
  chat: { type: 'string' },
  ids: { type: 'string' },
  'max-tokens': { type: 'string' },
  temperature: { type: 'string' },
  'top-p': { type: 'string' },
  'top-k': { type: 'string' },
  'min-p': { type: 'string' },
  'repetition-penalty': { type: 'string' },
  'presence-penalty': { type: 'string' },
  'frequency-penalty': { type: 'string' },
  'no-repeat-ngram-size': { type: 'string' },
  'min-new-tokens': { type: 'string' },
  seed: { type: 'string' },
  stop: { type: 'string', multiple: true },
  logprobs: { type: 'string' },
} satisfies OptionTypes;

const MAX_TOKENS = 1 << 20;
const MAX_NGRAM = 1 << 16;
const MAX_SEED = 2 ** 32 - 1;

/** The request of `generate` without a requests file. Adapters are added once they are loaded. */
export function requestFromOptions(values: OptionValues): GenerateRequest {
  const given = (['prompt', 'chat', 'ids'] as const).filter((name) => option.text(values, name) !== undefined);
  if (given.length !== 1) {
    throw new UsageError(
      given.length === 0 ? 'There is no prompt.' : `Options --${given.join(' and --')} exclude each other.`,
      'Give one of --prompt TEXT, --chat FILE.json, --ids 1,2,3.',
    );
  }
  const chat = option.text(values, 'chat');
  const ids = option.text(values, 'ids');
  const prompt: Prompt = chat
    ? readChat(chat)
    : ids !== undefined
      ? { ids: option.ids(ids) }
      : { text: option.text(values, 'prompt')! };
  const sampling = compact<SamplingSettings>({
    temperature: option.number(values, 'temperature', 0, 100),
    topP: option.number(values, 'top-p', 0, 1),
    topK: option.whole(values, 'top-k', 0, 2 ** 31),
    minP: option.number(values, 'min-p', 0, 1),
    repetitionPenalty: option.number(values, 'repetition-penalty', 0.01, 100),
    presencePenalty: option.number(values, 'presence-penalty', -100, 100),
    frequencyPenalty: option.number(values, 'frequency-penalty', -100, 100),
    noRepeatNgramSize: option.whole(values, 'no-repeat-ngram-size', 0, MAX_NGRAM),
    minNewTokens: option.whole(values, 'min-new-tokens', 0, MAX_TOKENS),
    seed: option.whole(values, 'seed', 0, MAX_SEED),
  });
  const stop = option.list(values, 'stop');
  const top = option.whole(values, 'logprobs', 0, 20);
  return {
    prompt,
    maxTokens: option.whole(values, 'max-tokens', 1, MAX_TOKENS) ?? 128,
    invoke: 'messages' in prompt,
    sampling,
    ...(stop.length > 0 && { stop }),
    ...(top !== undefined && { logprobs: true, topLogprobs: top }),
  };
}

const readChat = (path: string): ChatPrompt => conversationOf(parseExactJson(readInput(path), path), path);

/** One line of a requests file. */
export interface LineRequest {
  id: string | number;
  adapters: { path: string; weight: number }[];
  request: GenerateRequest;
}

const FIELDS = new Set<string>([
  'id',
  'adapter',
  'prompt',
  'ids',
  ...CHAT_FIELDS,
  'maxTokens',
  'seed',
  'temperature',
  'topP',
  'topK',
  'minP',
  'repetitionPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'noRepeatNgramSize',
  'minNewTokens',
  'stop',
]);

export function requestFromLine({ value, source }: { value: JsonObject; source: string }, where: string): LineRequest {
  const fail = (field: string, what: string): never => {
    throw new FileError(where, `field "${field}" ${what}`, 'See payable generate --help.');
  };
  const unknown = Object.keys(value).find((key) => !FIELDS.has(key));
  if (unknown !== undefined) fail(unknown.slice(0, 60), 'is not known');
  const within = (field: string, min: number, max: number, integer = false): number | undefined => {
    const given = value[field] ?? undefined;
    if (given === undefined) return undefined;
    const good = typeof given === 'number' && given >= min && given <= max && (!integer || Number.isInteger(given));
    return good
      ? given
      : fail(
          field,
          `is ${JSON.stringify(given)}; ${integer ? 'a whole number' : 'a number'} from ${min} to ${max} is accepted`,
        );
  };
  const { id, stop } = value;
  if (typeof id !== 'string' && typeof id !== 'number') fail('id', 'is missing or neither text nor number');
  if (stop !== undefined && !(Array.isArray(stop) && stop.every((entry) => typeof entry === 'string')))
    fail('stop', 'is not a list of texts');
  const sampling = compact<SamplingSettings>({
    temperature: within('temperature', 0, 100),
    topP: within('topP', 0, 1),
    topK: within('topK', 0, 2 ** 31, true),
    minP: within('minP', 0, 1),
    repetitionPenalty: within('repetitionPenalty', 0.01, 100),
    presencePenalty: within('presencePenalty', -100, 100),
    frequencyPenalty: within('frequencyPenalty', -100, 100),
    noRepeatNgramSize: within('noRepeatNgramSize', 0, MAX_NGRAM, true),
    minNewTokens: within('minNewTokens', 0, MAX_TOKENS, true),
    seed: within('seed', 0, MAX_SEED, true),
  });
  const prompt = promptOf(value, source, where, fail);
  return {
    id: id as string | number,
    adapters: adaptersOf(value['adapter'] ?? null, fail),
    request: {
      prompt,
      invoke: 'messages' in prompt,
      maxTokens: within('maxTokens', 1, MAX_TOKENS, true) ?? fail('maxTokens', 'is missing'),
      sampling,
      ...(stop !== undefined && { stop: stop as string[] }),
    },
  };
}

function promptOf(
  value: JsonObject,
  source: string,
  where: string,
  fail: (field: string, what: string) => never,
): Prompt {
  const { prompt, ids, messages } = value;
  if ([prompt, ids, messages].filter((entry) => entry !== undefined && entry !== null).length !== 1) {
    return fail('prompt', 'must be there, or "ids", or "messages", and only one of them');
  }
  if (typeof prompt === 'string') return { text: prompt };
  if (Array.isArray(ids) && ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0))
    return { ids: ids as number[] };
  if (ids !== undefined && ids !== null) return fail('ids', 'is not a list of token ids');
  if (messages !== undefined && messages !== null)
    return chatPromptOf(parseExactJson(source, where) as Record<string, Plain>, where);
  return fail('prompt', 'is not text');
}

/** Parses DIR, or [[DIR, weight], ...], or null. */
function adaptersOf(value: unknown, fail: (field: string, what: string) => never): { path: string; weight: number }[] {
  if (value === null) return [];
  const pairs: unknown[] =
    typeof value === 'string'
      ? [[value, 1]]
      : Array.isArray(value)
        ? value
        : fail('adapter', 'is neither a directory nor a list');
  return pairs.map((pair) => {
    const [path, weight] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : [];
    if (typeof path !== 'string' || typeof weight !== 'number' || !Number.isFinite(weight))
      return fail('adapter', 'holds an entry that is not [directory, weight]');
    return { path: requireAdapter(path, 'a PEFT adapter directory as "adapter"'), weight };
  });
}

/** Without the entries that are undefined. */
const compact = <T extends object>(value: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
