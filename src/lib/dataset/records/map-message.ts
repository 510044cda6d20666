// Maps a message of a file to a message of a row, in OpenAI's form: `role` and `content` are always present; all other fields
// (tool_calls, tool_call_id, name, weight, reasoning_content and so on) are kept unchanged.

import { FormatError } from '#lib/formats/errors.ts';
import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { keepNumbers } from './exact-json.ts';
import { isCallName, roleOf, type Role, type RoleNames } from './roles.ts';

export interface Message extends JsonObject {
  readonly role: Role;
  /** A text; parts, where the file has parts; null when the message has no words. */
  readonly content: string | null | readonly unknown[];
}

export interface MessageNames {
  role: string;
  content: string;
  roles: RoleNames;
}

/** Fields that may replace the words. */
const SPEAKS = ['tool_calls', 'function_call', 'reasoning_content', 'reasoning', 'thinking', 'refusal', 'audio'];

/** @throws FormatError that names the faulty field */
export function mapMessage(entry: unknown, names: MessageNames, where: string): Message {
  if (!isJsonObject(entry)) throw misfit(where, 'it is not an object');
  const said = entry[names.role];
  const role = roleOf(said, names.roles);
  if (!role) {
    const shown = JSON.stringify(said ?? null).slice(0, 60);
    throw misfit(
      where,
      `field "${names.role}" is ${shown}, which is not a known role`,
      'Map it to a role, or correct it.',
    );
  }
  const value = entry[names.content];
  const calls = isCallName(said) && entry['tool_calls'] === undefined ? callsIn(value) : null;
  const rest = Object.entries(entry)
    .filter(([name]) => name !== names.role && name !== names.content)
    .map(([name, one]) => [name === 'role' || name === 'content' ? freeName(name, entry) : name, one] as const);
  if (calls) return message(rest, role, null, calls);
  return message(rest, role, contentOf(value, entry, names.content, where));
}

const message = (
  rest: readonly (readonly [string, unknown])[],
  role: Role,
  content: Message['content'],
  calls?: unknown[],
) =>
  Object.fromEntries([
    ...rest,
    ['role', role],
    ['content', content],
    ...(calls ? [['tool_calls', calls]] : []),
  ]) as Message;

function contentOf(value: unknown, entry: JsonObject, name: string, where: string): Message['content'] {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((part) => typeof part === 'string' || isJsonObject(part))) return value;
  if ((value === undefined || value === null) && SPEAKS.some((one) => isSomething(entry[one]))) return null;
  throw misfit(where, `field "${name}" is not a text`);
}

const isSomething = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);

/** Calls that ShareGPT writes as JSON text; null for any other text, which then stays. */
function callsIn(value: unknown): unknown[] | null {
  if (typeof value !== 'string') return null;
  const { source, changed } = keepNumbers(value);
  if (changed.length > 0) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    // Not valid JSON: it stays a text.
    return null;
  }
  const list: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const calls = list.map((one) => {
    const isCall = isJsonObject(one) && typeof one['name'] === 'string' && 'arguments' in one;
    if (!isCall || Object.keys(one).length !== 2) return null;
    const given = one['arguments'];
    return {
      type: 'function',
      function: { ...one, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
    };
  });
  return calls.length > 0 && calls.every((call) => call !== null) ? calls : null;
}

/** A free name for the field `name` of the file, when the row uses that name itself. */
export function freeName(name: string, taken: JsonObject): string {
  let free = `file_${name}`;
  while (free in taken) free += '_';
  return free;
}

const misfit = (where: string, what: string, hint = 'Correct the record, or map other fields.'): FormatError =>
  new FormatError(where, what, { hint });
