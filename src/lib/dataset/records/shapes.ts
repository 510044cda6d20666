// Recognises the shape of a record and how it becomes a row: chats, ShareGPT, Alpaca, prompt and completion, preference pairs,
// plain text. Each record is judged alone, so the result does not depend on earlier records. A mapping names the fields to use;
// the user may give one for all records.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { messageListOf } from './message-list.ts';

/** Which fields make up the row. Fields that it does not name are kept unchanged. */
export type Mapping =
  | {
      kind: 'messages';
      /** The field with the list of messages, also as JSON text. */
      list: string;
      role: string;
      content: string;
      /** The field with the system prompt, if any. */
      system: string | null;
    }
  | {
      kind: 'turns';
      system: string | null;
      /** The field with earlier turns, as pairs of texts. */
      history: string | null;
      /** Joined by an empty line; empty ones are left out. The first may be a list of messages. */
      prompt: readonly string[];
      completion: string;
    }
  /** A preferred and a rejected answer, kept unchanged. */
  | { kind: 'preference'; prompt: string | null; chosen: string; rejected: string }
  | { kind: 'text'; text: string }
  /** A table's row without text, kept unchanged. */
  | { kind: 'fields' };

export interface Shape {
  name: 'chat' | 'sharegpt' | 'alpaca' | 'prompt-completion' | 'preference' | 'text';
  mapping: Mapping;
}

const SYSTEMS = ['system', 'system_prompt', 'system_message'];
const LISTS = ['messages', 'conversations', 'conversation', 'dialog', 'dialogue', 'chat', 'turns', 'contents'];
const PAIRS: readonly (readonly [string, string])[] = [
  ['instruction', 'output'],
  ['instruction', 'response'],
  ['instruction', 'completion'],
  ['prompt', 'completion'],
  ['prompt', 'response'],
  ['prompt', 'output'],
  ['question', 'answer'],
  ['question', 'response'],
  ['query', 'response'],
  ['query', 'answer'],
  ['input', 'output'],
  ['user', 'assistant'],
  ['source', 'target'],
];
/** Fields with further input for a prompt. */
const BESIDE = ['input', 'context'];
const TEXTS = ['text', 'content', 'body', 'document', 'passage'];
/** Pairs of field names in messages: speaker and content. */
const MESSAGE_FIELDS = [
  ['role', 'content'],
  ['from', 'value'],
  ['role', 'text'],
  ['role', 'value'],
  ['from', 'content'],
  ['role', 'parts'],
] as const;

/** The shape of a record, or null when it is unknown. */
export function shapeOf(record: JsonObject): Shape | null {
  const has = (name: string): boolean => typeof record[name] === 'string';
  const says = (name: string): boolean => has(name) || typeof record[name] === 'number';
  const system = SYSTEMS.find(has) ?? null;
  if (isSide(record['chosen']) && isSide(record['rejected'])) {
    const prompt = record['prompt'] === undefined ? null : 'prompt';
    return { name: 'preference', mapping: { kind: 'preference', prompt, chosen: 'chosen', rejected: 'rejected' } };
  }
  for (const list of LISTS) {
    const fields = messageFields(record[list]);
    if (!fields) continue;
    const [role, content] = fields;
    const name = role === 'from' ? 'sharegpt' : 'chat';
    return { name, mapping: { kind: 'messages', list, role, content, system } };
  }
  for (const [prompt, completion] of PAIRS) {
    const isText = has(prompt) && says(completion);
    if (!isText && !(messageFields(record[prompt]) && isSide(record[completion]))) continue;
    const beside = isText && prompt !== 'input' ? BESIDE.filter((name) => has(name) && name !== completion) : [];
    return {
      name: prompt === 'instruction' ? 'alpaca' : 'prompt-completion',
      mapping: { kind: 'turns', system, history: 'history', prompt: [prompt, ...beside], completion },
    };
  }
  const text = TEXTS.find(has);
  return text === undefined ? null : { name: 'text', mapping: { kind: 'text', text } };
}

/** The shape of most of these records, or null when most have none. */
export function shapeOfMost(records: readonly JsonObject[]): Shape | null {
  const found = new Map<string, { shape: Shape | null; count: number }>();
  for (const record of records) {
    const shape = shapeOf(record);
    const seen = found.get(shape?.name ?? '');
    if (seen) seen.count++;
    else found.set(shape?.name ?? '', { shape, count: 1 });
  }
  return [...found.values()].sort((a, b) => b.count - a.count)[0]?.shape ?? null;
}

/** One side of a preference: a text, a message or several messages. */
const isSide = (value: unknown): boolean =>
  typeof value === 'string' ||
  (isJsonObject(value) && messageFields([value]) !== null) ||
  messageFields(value) !== null;

/** The field names for speaker and content; null unless the value is a list of messages. */
function messageFields(value: unknown): readonly [string, string] | null {
  const list = messageListOf(value);
  const found = list && MESSAGE_FIELDS.find(([role, content]) => list.some((entry) => isMessage(entry, role, content)));
  return found ?? null;
}

const isMessage = (entry: unknown, role: string, content: string): boolean =>
  isJsonObject(entry) && typeof entry[role] === 'string' && content in entry;

/** All field names of these records, in order of appearance. */
export const fieldsOfRecords = (records: readonly JsonObject[]): string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record))),
];
