// What the records of a file look like, and how they become rows: chats, ShareGPT, Alpaca, prompt and completion, plain text.
// A mapping says which fields hold what; it is recognised from the first records and may be changed by whoever imports.

import { isJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';

export type Role = 'system' | 'user' | 'assistant' | 'tool';

/** Where the parts of a row come from. Fields that are not named are kept as they are, or left out. */
export type Mapping =
  | {
      kind: 'messages';
      /** The list of messages. */
      list: string;
      role: string;
      content: string;
      /** What the file calls the roles. */
      roles: Readonly<Record<string, Role>>;
      /** A field with the system's words, if there is one. */
      system: string | null;
    }
  | {
      kind: 'turns';
      system: string | null;
      /** Joined by an empty line; those that are empty are left out. */
      prompt: readonly string[];
      completion: string;
    }
  | { kind: 'text'; text: string };

export interface Shape {
  /** `chat`, `sharegpt`, `alpaca`, `prompt-completion`, `text`, or `unknown`: then somebody has to map it. */
  name: string;
  mapping: Mapping | null;
}

export const ROLES: Readonly<Record<string, Role>> = {
  ...{ system: 'system', developer: 'system', user: 'user', human: 'user', prompter: 'user', customer: 'user' },
  ...{
    assistant: 'assistant',
    gpt: 'assistant',
    bot: 'assistant',
    model: 'assistant',
    chatgpt: 'assistant',
    ai: 'assistant',
  },
  ...{ tool: 'tool', function: 'tool', observation: 'tool' },
};

const PAIRS: readonly (readonly [string, string])[] = [
  ['prompt', 'completion'],
  ['prompt', 'response'],
  ['prompt', 'output'],
  ['question', 'answer'],
  ['query', 'response'],
  ['query', 'answer'],
  ['input', 'output'],
  ['user', 'assistant'],
  ['source', 'target'],
];
const TEXTS = ['text', 'content', 'body', 'document', 'passage'];
/** The share of records that must fit; others are told one by one. */
const MOST = 0.5;

/** The shape that most of these first records have. */
export function recogniseShape(records: readonly JsonObject[]): Shape {
  const fit = (test: (record: JsonObject) => boolean): boolean =>
    records.length > 0 && records.filter(test).length >= MOST * records.length;
  const has = (name: string) => (record: JsonObject) => typeof record[name] === 'string';
  const system = records.some(has('system')) ? 'system' : null;
  for (const list of ['messages', 'conversations', 'conversation', 'dialog']) {
    for (const [role, content] of [
      ['role', 'content'],
      ['from', 'value'],
    ] as const) {
      const isMessage = (entry: unknown): boolean =>
        isJsonObject(entry) && typeof entry[role] === 'string' && content in entry;
      if (!fit((record) => isListOf(record[list], isMessage))) continue;
      const name = role === 'from' ? 'sharegpt' : 'chat';
      return { name, mapping: { kind: 'messages', list, role, content, roles: ROLES, system } };
    }
  }
  if (fit((record) => has('instruction')(record) && has('output')(record))) {
    const prompt = records.some(has('input')) ? ['instruction', 'input'] : ['instruction'];
    return { name: 'alpaca', mapping: { kind: 'turns', system, prompt, completion: 'output' } };
  }
  for (const [prompt, completion] of PAIRS) {
    if (!fit((record) => has(prompt)(record) && has(completion)(record))) continue;
    return { name: 'prompt-completion', mapping: { kind: 'turns', system, prompt: [prompt], completion } };
  }
  const text = TEXTS.find((name) => fit(has(name)));
  return text ? { name: 'text', mapping: { kind: 'text', text } } : { name: 'unknown', mapping: null };
}

const isListOf = (value: unknown, test: (entry: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(test);

/** All field names of these records, in the order they appear. */
export const fieldsOfRecords = (records: readonly JsonObject[]): string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record))),
];
