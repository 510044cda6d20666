// Maps a record of a file to a row: its content becomes `messages` or `text`; all other fields are kept. Only blank content is
// dropped, and every renamed field is reported.

import { FormatError } from '#lib/formats/errors.ts';
import { isContributor, isRowId, rowOf, type DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { freeName, mapMessage, type Message } from './map-message.ts';
import { messageListOf } from './message-list.ts';
import type { RoleNames } from './roles.ts';
import { shapeOf, type Mapping } from './shapes.ts';

export interface RowTerms {
  /** One mapping for all records; null to choose one by the shape of each record. */
  mapping: Mapping | null;
  /** Names that this file uses for roles, in small letters, beside the known names. */
  roles: RoleNames;
  /** Other fields to keep; null for all. */
  keep: readonly string[] | null;
  /** Added to each row and overrides its own fields: contributor, licence and the like. */
  add: JsonObject;
}

export interface MappedRow {
  row: DatanetRow;
  /** Changes made to the record, each a sentence. */
  notes: string[];
}

/** The content of a row, and the record's fields used for it. */
interface Body {
  said: JsonObject;
  used: readonly string[];
}

/** The record has no known shape. */
export class UnknownShapeError extends FormatError {
  constructor(where: string, fields: readonly string[]) {
    super(where, `the record is of unknown shape; it has the fields ${fields.slice(0, 20).join(', ').slice(0, 300)}`, {
      hint: 'Say which fields hold the prompt and the answer, or the text.',
    });
  }
}

/** @throws FormatError that names the faulty field; UnknownShapeError */
export function mapRecord(record: JsonObject, { mapping, roles, keep, add }: RowTerms, where: string): MappedRow {
  const by = mapping ?? shapeOf(record)?.mapping;
  if (!by) throw new UnknownShapeError(where, Object.keys(record));
  const { said, used } = bodyOf(record, by, roles, where);
  const notes: string[] = [];
  const rest: [string, unknown][] = [];
  for (const name of keep ?? Object.keys(record)) {
    const value = record[name];
    if (value === undefined || used.includes(name)) continue;
    const reason = reasonToRename(name, value, by, said, add);
    if (reason === 'blank') continue;
    const free = reason === null ? name : freeName(name, record);
    rest.push([free, value]);
    if (reason !== null) notes.push(`field "${name}" ${reason}; it goes along as "${free}"`);
  }
  return { row: rowOf({ ...Object.fromEntries(rest), ...said, ...add }, where), notes };
}

/** Why a field must be renamed in the row; null when it keeps its name. */
function reasonToRename(name: string, value: unknown, by: Mapping, said: JsonObject, add: JsonObject): string | null {
  if (name in said) return 'is called as what the row says itself';
  if (Object.hasOwn(add, name)) return add[name] === value ? null : 'is set for all rows';
  if (name === 'messages' && by.kind === 'text') return 'is not what the row says';
  if (name !== 'id' && name !== 'contributor') return null;
  if (typeof value === 'string' && value.trim() === '') return 'blank';
  if (name === 'id') return isRowId(value) ? null : 'is not a valid row id';
  return isContributor(value) ? null : 'is not an address';
}

function bodyOf(record: JsonObject, by: Mapping, roles: RoleNames, where: string): Body {
  switch (by.kind) {
    case 'text':
      return { said: { text: textOf(record, by.text, where) }, used: [by.text] };
    case 'fields':
      return { said: {}, used: [] };
    case 'preference':
      return preferenceOf(record, by, where);
    case 'messages': {
      const list = messageListOf(record[by.list]);
      if (!list) throw misfit(where, `field "${by.list.slice(0, 60)}" is not a list of messages`);
      const messages = list.map((entry, at) => mapMessage(entry, { ...by, roles }, `${where}, message ${at + 1}`));
      const system = systemOf(record, by.system);
      return {
        said: { messages: openedBy(system, messages) },
        used: [by.list, ...(system === null ? [] : [by.system!])],
      };
    }
    case 'turns':
      return turnsOf(record, by, roles, where);
  }
}

function preferenceOf(record: JsonObject, by: Extract<Mapping, { kind: 'preference' }>, where: string): Body {
  const said: Record<string, unknown> = {};
  for (const [name, from] of Object.entries({ prompt: by.prompt, chosen: by.chosen, rejected: by.rejected })) {
    if (from === null) continue;
    if (record[from] === undefined || record[from] === null)
      throw misfit(where, `field "${from.slice(0, 60)}" is missing`);
    said[name] = record[from];
  }
  return { said, used: [by.prompt, by.chosen, by.rejected].filter((name) => name !== null) };
}

function turnsOf(record: JsonObject, by: Extract<Mapping, { kind: 'turns' }>, roles: RoleNames, where: string): Body {
  const used = [...by.prompt.filter((name) => isText(record[name])), by.completion];
  const messages: Message[] = [];
  const system = systemOf(record, by.system);
  if (system !== null) used.push(by.system!);
  const history = by.history === null ? null : historyOf(record[by.history]);
  if (history) {
    messages.push(...history);
    used.push(by.history!);
  }
  const first = by.prompt[0] ?? '';
  const before = typeof record[first] === 'string' ? null : messageListOf(record[first]);
  if (before) {
    used.push(first);
    // An assistant turn inside the prompt is context, not an answer to train on: OpenAI's weight 0 marks it.
    const asked = listMessages(before, roles, `${where}, field "${first}"`);
    messages.push(...asked.map((one) => (one.role === 'assistant' ? { weight: 0, ...one } : one)));
  } else messages.push({ role: 'user', content: promptOf(record, by.prompt, where) });
  const answer = record[by.completion];
  const answers = messageListOf(isJsonObject(answer) ? [answer] : typeof answer === 'string' ? null : answer);
  if (answers) messages.push(...listMessages(answers, roles, `${where}, field "${by.completion}"`));
  else messages.push({ role: 'assistant', content: textOf(record, by.completion, where) });
  return { said: { messages: openedBy(system, messages) }, used };
}

const listMessages = (list: readonly unknown[], roles: RoleNames, where: string): Message[] => {
  const isFrom = list.some((entry) => isJsonObject(entry) && !('role' in entry) && 'from' in entry);
  const names = isFrom ? { role: 'from', content: 'value', roles } : { role: 'role', content: 'content', roles };
  return list.map((entry, at) => mapMessage(entry, names, `${where}, message ${at + 1}`));
};

/** Pairs of earlier prompts and answers; null for any other value, which is then kept as a field. */
function historyOf(value: unknown): Message[] | null {
  const list = typeof value === 'string' ? null : value;
  if (!Array.isArray(list)) return null;
  const isPair = (one: unknown): one is [string, string] =>
    Array.isArray(one) && one.length === 2 && one.every((text) => typeof text === 'string');
  if (!list.every(isPair)) return null;
  return list.flatMap(([asked, answered]): Message[] => [
    { role: 'user', content: asked },
    { role: 'assistant', content: answered },
  ]);
}

/** The system prompt in a field; a blank one counts as none. */
function systemOf(record: JsonObject, name: string | null): string | null {
  const value = name === null ? undefined : record[name];
  return typeof value === 'string' ? value : null;
}

/** A chat has one system message: one from a field and one from a turn are joined, or kept once when equal. */
function openedBy(system: string | null, messages: readonly Message[]): readonly Message[] {
  if (system === null || system.trim() === '') return messages;
  const [first, ...others] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content: system }, ...messages];
  if (typeof first.content === 'string') {
    if (first.content.trim() === system.trim()) return messages;
    const content = first.content.trim() === '' ? system : `${system}\n\n${first.content}`;
    return [{ ...first, content }, ...others];
  }
  return [{ ...first, content: [{ type: 'text', text: system }, ...(first.content ?? [])] }, ...others];
}

const isText = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';

function promptOf(record: JsonObject, names: readonly string[], where: string): string {
  const parts = names
    .map((name) => record[name])
    .filter(isText)
    .map(String)
    .filter((part) => part.trim() !== '');
  return parts.length > 0 ? parts.join('\n\n') : textOf(record, names[0] ?? '', where);
}

function textOf(record: JsonObject, name: string, where: string): string {
  const value = record[name];
  if (isText(value) && String(value).trim() !== '') return String(value);
  const what = value === undefined ? 'is missing' : typeof value === 'string' ? 'is empty' : 'is not a text';
  throw misfit(where, `field "${name.slice(0, 60)}" ${what}`);
}

const misfit = (where: string, what: string): FormatError =>
  new FormatError(where, what, { hint: 'Correct the record, or map other fields.' });
