// What a row teaches: a conversation or a text. Recognises the forms that imports recognise, so that a row packed without an
// import, such as prompt and completion, is read the same way.

import { FormatError } from '#lib/formats/errors.ts';
import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { mapRecord } from '#lib/dataset/records/map-record.ts';
import { roleOf } from '#lib/dataset/records/roles.ts';
import { shapeOf } from '#lib/dataset/records/shapes.ts';
import type { ChatMessage } from '#lib/model/chat-message.ts';
import type { Plain } from '#lib/formats/json/exact-json.ts';

export type ExampleForm =
  | {
      kind: 'chat';
      messages: readonly ChatMessage[];
      tools: readonly Plain[] | null;
      documents: readonly Plain[] | null;
      /** Whether message `i` is learned. */
      learned: readonly boolean[];
      /** The same without a template, for one question and its answer. */
      plain: { prompt: string; completion: string } | null;
    }
  | { kind: 'text'; text: string };

/** Why a row is not used: a part of a sentence. */
export interface NoForm {
  reason: string;
}

/** A longer conversation does not fit into any length limit. */
const MAX_MESSAGES = 512;

/** `turns`: which answers of a conversation are learned. */
export function formOfRow(value: JsonObject, turns: 'all' | 'last' = 'all'): ExampleForm | NoForm {
  const form = formOf(value);
  if (turns === 'all' || 'reason' in form || form.kind !== 'chat') return form;
  const last = form.learned.lastIndexOf(true);
  return { ...form, learned: form.learned.map((_, at) => at === last) };
}

function formOf(value: JsonObject): ExampleForm | NoForm {
  if (sealedBox(value)) return { reason: 'the row is sealed and was not opened' };
  if (Array.isArray(value['messages'])) return chatOf(value, value['messages'], null);
  const shape = shapeOf(value);
  if (!shape) return { reason: 'the row is neither a conversation, a prompt with its completion nor a text' };
  if (shape.name === 'preference') return { reason: 'the row is a pair of preferences, which is not learned here' };
  if (shape.name === 'prompt-completion' && value['label'] === false)
    return { reason: 'the row marks its completion as one that is not wanted' };
  let row: JsonObject;
  try {
    row = mapRecord(value, { mapping: shape.mapping, roles: {}, keep: null, add: {} }, 'the row').row.value;
  } catch (error) {
    if (error instanceof FormatError) return { reason: error.message.replace(/[.]$/, '') };
    throw error;
  }
  if (Array.isArray(row['messages'])) return chatOf(row, row['messages'], plainOf(value, shape.mapping));
  const { text } = row;
  if (typeof text !== 'string' || text.trim() === '') return { reason: 'the text is empty' };
  return { kind: 'text', text };
}

function chatOf(row: JsonObject, list: readonly unknown[], plain: Plainly): ExampleForm | NoForm {
  if (list.length > MAX_MESSAGES)
    return { reason: `the conversation has ${list.length} messages; at most ${MAX_MESSAGES} are read` };
  const messages: ChatMessage[] = [];
  const learned: boolean[] = [];
  for (const [at, entry] of list.entries()) {
    const role = isJsonObject(entry) ? roleOf(entry['role'], {}) : null;
    if (!isJsonObject(entry) || !role) return { reason: `message ${at + 1} has no known role` };
    const { weight, ...message } = entry;
    messages.push({ ...message, role });
    // OpenAI's mark for an answer that is context only.
    learned.push(role === 'assistant' && weight !== 0 && weight !== false && saysSomething(entry));
  }
  if (!learned.includes(true)) return { reason: 'no message of the assistant is to be learned' };
  const { tools, documents } = row;
  return {
    kind: 'chat',
    messages,
    tools: listOf(tools) ?? listOf(textList(tools)),
    documents: listOf(documents),
    learned,
    plain: plain ?? pairOf(messages),
  };
}

const saysSomething = ({ content, ...rest }: JsonObject): boolean =>
  (typeof content === 'string' && content.trim() !== '') ||
  (Array.isArray(content) && content.length > 0) ||
  ['tool_calls', 'function_call', 'reasoning_content'].some((name) => rest[name] !== undefined && rest[name] !== null);

/** Tools are objects; some files keep them as JSON text. */
const listOf = (value: unknown): Plain[] | null =>
  Array.isArray(value) && value.length > 0 && value.every(isJsonObject) ? (value as Plain[]) : null;

function textList(value: unknown): unknown {
  if (typeof value !== 'string' || !value.trim().startsWith('[')) return null;
  try {
    return JSON.parse(value);
  } catch {
    // A text that only begins like a list of tools.
    return null;
  }
}

type Plainly = { prompt: string; completion: string } | null;

/** A prompt and its completion follow each other directly; other pairs are set apart by an empty line. */
function plainOf(value: JsonObject, mapping: NonNullable<ReturnType<typeof shapeOf>>['mapping']): Plainly {
  if (mapping.kind !== 'turns') return null;
  const { prompt, completion, system, history } = mapping;
  if (prompt[0] !== 'prompt' || completion !== 'completion' || system !== null) return null;
  const [asked, answer] = [value['prompt'], value['completion']];
  const isPlain = typeof asked === 'string' && typeof answer === 'string' && prompt.length === 1;
  return isPlain && (history === null || value[history] === undefined) ? { prompt: asked, completion: answer } : null;
}

function pairOf(messages: readonly ChatMessage[]): Plainly {
  const texts = messages.map(({ content }) => (typeof content === 'string' ? content : null));
  const roles = messages.map(({ role }) => role).join(' ');
  if (!['user assistant', 'system user assistant', 'assistant'].includes(roles) || texts.includes(null)) return null;
  const before = texts.slice(0, -1);
  return { prompt: before.map((text) => `${text!}\n\n`).join(''), completion: texts.at(-1)! };
}
