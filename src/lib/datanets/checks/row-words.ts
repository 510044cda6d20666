// What a row says, as one text: of its messages or its text. Ids, owners and other fields are left out, so that equal words are
// equal whoever brings them.

import { isJsonObject, type JsonObject } from '#lib/core/format/json-file.ts';

/** All that is said in a row, a line for each message. Rows that are neither chats nor texts say all their texts. */
export function rowWords(row: JsonObject): string {
  const { messages, text } = row;
  if (Array.isArray(messages)) {
    return messages
      .map((one: unknown) => (isJsonObject(one) && typeof one['content'] === 'string' ? one['content'] : ''))
      .join('\n');
  }
  if (typeof text === 'string') return text;
  return Object.entries(row)
    .filter(([name, value]) => typeof value === 'string' && name !== 'id' && name !== 'contributor')
    .map(([, value]) => value as string)
    .join('\n');
}
