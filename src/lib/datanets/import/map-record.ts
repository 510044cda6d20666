// A record of a file as a row of a Datanet: `messages` or `text`, and what else is kept of it.

import { FormatError } from '#lib/core/format/errors.ts';
import { rowOf, type DatanetRow } from '#lib/core/format/datanet-row.ts';
import { isJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';
import type { Mapping, Role } from './shapes.ts';

export interface RowTerms {
  mapping: Mapping;
  /** Fields that go along; null for all that the mapping does not use. */
  keep: readonly string[] | null;
  /** Put into each row, over what it says itself: contributor, licence and the like. */
  add: JsonObject;
}

interface Message {
  role: Role;
  content: string;
}

/** @throws FormatError naming the field that does not fit */
export function mapRecord(record: JsonObject, { mapping, keep, add }: RowTerms, where: string): DatanetRow {
  const used = new Set(usedFields(mapping));
  const names = keep ?? Object.keys(record).filter((name) => !used.has(name));
  const rest: Record<string, unknown> = {};
  for (const name of names) {
    if (record[name] !== undefined && !isReserved(name)) rest[name] = record[name];
  }
  const body =
    mapping.kind === 'text'
      ? { text: textOf(record, mapping.text, where) }
      : { messages: messagesOf(record, mapping, where) };
  return rowOf({ ...rest, ...body, ...add }, where);
}

/** What a mapped row says itself must not be said again by a field that goes along. */
const isReserved = (name: string): boolean => name === 'messages' || name === 'text' || name === '__proto__';

function usedFields(mapping: Mapping): string[] {
  switch (mapping.kind) {
    case 'text':
      return [mapping.text];
    case 'messages':
      return [mapping.list, ...(mapping.system === null ? [] : [mapping.system])];
    case 'turns':
      return [...mapping.prompt, mapping.completion, ...(mapping.system === null ? [] : [mapping.system])];
  }
}

function textOf(record: JsonObject, name: string, where: string): string {
  const value = record[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  const what = value === undefined ? 'is missing' : typeof value === 'string' ? 'is empty' : 'is no text';
  throw misfit(where, `field "${name.slice(0, 60)}" ${what}`);
}

function messagesOf(record: JsonObject, mapping: Exclude<Mapping, { kind: 'text' }>, where: string): Message[] {
  const system = mapping.system === null ? undefined : record[mapping.system];
  const opening: Message[] =
    typeof system === 'string' && system.trim() !== '' ? [{ role: 'system', content: system }] : [];
  if (mapping.kind === 'turns') {
    const [first, ...more] = mapping.prompt;
    const prompt = [
      textOf(record, first ?? '', where),
      ...more
        .map((name) => record[name])
        .filter((part): part is string => typeof part === 'string' && part.trim() !== ''),
    ].join('\n\n');
    const completion = textOf(record, mapping.completion, where);
    return [...opening, { role: 'user', content: prompt }, { role: 'assistant', content: completion }];
  }
  const list = record[mapping.list];
  if (!Array.isArray(list) || list.length === 0) throw misfit(where, `field "${mapping.list}" is no list of messages`);
  return [...opening, ...list.map((entry: unknown, at) => messageOf(entry, mapping, `${where}, message ${at + 1}`))];
}

function messageOf(entry: unknown, mapping: Extract<Mapping, { kind: 'messages' }>, where: string): Message {
  if (!isJsonObject(entry)) throw misfit(where, 'it is no object');
  const said = entry[mapping.role];
  const role =
    typeof said === 'string' && Object.hasOwn(mapping.roles, said.toLowerCase())
      ? mapping.roles[said.toLowerCase()]
      : undefined;
  if (!role)
    throw misfit(
      where,
      `field "${mapping.role}" is ${JSON.stringify(said ?? null).slice(0, 60)}, which is no known role`,
    );
  const content = contentOf(entry[mapping.content]);
  if (content === null) throw misfit(where, `field "${mapping.content}" is no text`);
  return { role, content };
}

/** A text, or the texts among the parts that some chats are made of. */
function contentOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const parts = value.map((part: unknown) => (isJsonObject(part) && part['type'] === 'text' ? part['text'] : null));
  return parts.every((part) => typeof part === 'string') ? parts.join('\n') : null;
}

const misfit = (where: string, what: string): FormatError =>
  new FormatError(where, what, { hint: 'Correct the record, or map other fields.' });
