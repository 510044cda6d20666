// The texts of a row: its words as one text, to compare with other rows; and every text in it, to examine before publication.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

/** The words of a row, one line per message. Rows that are neither chats nor texts give all their texts. */
export function rowWords(row: JsonObject): string {
  const { messages, text } = row;
  if (Array.isArray(messages)) return messages.map(messageWords).join('\n');
  if (typeof text === 'string') return text;
  const words: string[] = [];
  for (const { field, text: one, isName } of rowTexts(row)) if (field !== 'id' && !isName) words.push(one);
  return words.join('\n');
}

function messageWords(message: unknown): string {
  const content = isJsonObject(message) ? message['content'] : null;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (typeof part === 'string' ? part : partWords(part))).join('\n');
}

const partWords = (part: unknown): string =>
  isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '';

export interface RowText {
  /** Path of the text, such as `messages[].content`. */
  field: string;
  text: string;
  /** The text is the name of a field. */
  isName: boolean;
}

const MAX_DEPTH = 64;

/** Every text and number in a row that is published, at any depth, and the names of fields below the first level. */
export function* rowTexts(row: JsonObject): Generator<RowText, void, undefined> {
  for (const [name, value] of Object.entries(row)) {
    // The contributor and the CIDs of files are addresses by design.
    if (name !== 'contributor') yield* textsIn(value, name, 0);
  }
}

function* textsIn(value: unknown, field: string, depth: number): Generator<RowText, void, undefined> {
  if (typeof value === 'string') yield { field, text: value, isName: false };
  else if (typeof value === 'number') yield { field, text: String(value), isName: false };
  else if (Array.isArray(value) && depth < MAX_DEPTH)
    for (const one of value) yield* textsIn(one, `${field}[]`, depth + 1);
  else if (isJsonObject(value) && depth < MAX_DEPTH) {
    for (const [name, one] of Object.entries(value)) {
      if (field === 'attachments[]' && name === 'cid') continue;
      yield { field, text: name, isName: true };
      yield* textsIn(one, `${field}.${name.slice(0, 60)}`, depth + 1);
    }
  }
}
