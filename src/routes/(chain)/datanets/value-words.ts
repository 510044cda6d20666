// A field of a row in words: texts as they are, a conversation as what each said, all else as JSON.

import { isJsonObject } from '#lib/core/format/json-file.ts';
import { sealedBox } from '#lib/core/format/sealed-row.ts';

interface Message {
  role: string;
  content: string;
}

export function valueWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (sealedBox({ sealed: value })) return 'sealed, for members';
  if (isConversation(value)) return value.map(({ role, content }) => `${role}: ${content}`).join('\n');
  return JSON.stringify(value, null, 2);
}

/** With more than that in a message, nothing of it may be left out. */
const isConversation = (value: unknown): value is Message[] =>
  Array.isArray(value) && value.length > 0 && value.every(isMessage);

const isMessage = (value: unknown): value is Message =>
  isJsonObject(value) &&
  Object.keys(value).length === 2 &&
  typeof value['role'] === 'string' &&
  typeof value['content'] === 'string';
