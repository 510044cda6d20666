// Reads a conversation in JSON as an engine request: the messages unchanged, and the other fields a chat template can
// use.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import type { ChatMessage, ChatPrompt } from '#lib/model/chat-message.ts';
import { FileError } from '#node/errors.ts';

/** Fields beside `messages`, by their names in transformers and in servers with OpenAI's API. */
export const CHAT_FIELDS = [
  'messages',
  'tools',
  'documents',
  'chat_template_kwargs',
  'add_generation_prompt',
  'continue_final_message',
] as const;

const SHAPE = 'A conversation is [{"role": "user", "content": "..."}], or {"messages": [...], "tools": [...]}.';

/** A list of messages, or an object with such a list in `messages`. */
export function conversationOf(value: Plain, where: string): ChatPrompt {
  const fields =
    isJsonObject(value) && !(value instanceof Map) ? (value as Record<string, Plain>) : { messages: value };
  const stray = Object.keys(fields).find((key) => !(CHAT_FIELDS as readonly string[]).includes(key));
  if (stray !== undefined && 'messages' in fields) {
    throw new FileError(
      where,
      `field ${JSON.stringify(stray.slice(0, 60))} is not known`,
      `Known: ${CHAT_FIELDS.join(', ')}.`,
    );
  }
  return chatPromptOf(fields, where);
}

/** The fields of a conversation among others. */
export function chatPromptOf(fields: Readonly<Record<string, Plain>>, where: string): ChatPrompt {
  const fail = (what: string): never => {
    throw new FileError(where, what, SHAPE);
  };
  const list = (name: string): readonly Plain[] | null => {
    const value = fields[name] ?? null;
    return value === null || Array.isArray(value) ? (value as Plain[] | null) : fail(`field "${name}" is not a list`);
  };
  const choice = (name: string): boolean | undefined => {
    const value = fields[name] ?? undefined;
    return value === undefined || typeof value === 'boolean'
      ? value
      : fail(`field "${name}" is neither true nor false`);
  };
  const messages = list('messages');
  if (!messages || messages.length === 0) return fail('there is no list of messages');
  const variables = fields['chat_template_kwargs'] ?? {};
  if (!isJsonObject(variables) || variables instanceof Map)
    return fail('field "chat_template_kwargs" is not an object');
  const [addGenerationPrompt, continues] = [choice('add_generation_prompt'), choice('continue_final_message')];
  return {
    messages: messages.map((message, i) => messageOf(message, (what) => fail(`message ${i + 1}: ${what}`))),
    tools: list('tools'),
    documents: list('documents'),
    variables: variables,
    ...(addGenerationPrompt !== undefined && { addGenerationPrompt }),
    ...(continues !== undefined && { continueFinalMessage: continues }),
  };
}

function messageOf(value: Plain, fail: (what: string) => never): ChatMessage {
  if (!isJsonObject(value)) return fail('it is not an object');
  const fields = (value instanceof Map ? Object.fromEntries(value) : value) as Record<string, Plain>;
  const { role } = fields;
  if (typeof role !== 'string') return fail(`field "role" is ${role === undefined ? 'missing' : 'not text'}`);
  return { ...fields, role };
}
