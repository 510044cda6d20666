// A field of a row as text: texts unchanged, conversations line by line, pictures as one line each, the rest as JSON.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import { sealedBox } from '#lib/formats/datanet/sealed-row.ts';

interface Message extends JsonObject {
  role: string;
}

export function valueWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (sealedBox({ sealed: value })) return 'sealed, for members';
  if (isConversation(value)) return value.map(messageWords).join('\n');
  if (isPictures(value)) {
    return value
      .map(({ name, mediaType, width, height, bytes, cid }) =>
        [name, `${width} × ${height}`, mediaType, `${bytes} bytes`, cid].join(', '),
      )
      .join('\n');
  }
  if (isIds(value)) return value.map(({ cid }) => cid).join('\n');
  return JSON.stringify(value, null, 2);
}

const PICTURE_FIELDS = {
  ...{ cid: 'string', name: 'string', mediaType: 'string' },
  ...{ bytes: 'number', width: 'number', height: 'number' },
} as const;

/** Exactly these fields; a value with more is shown as JSON, so that nothing is left out. */
const isPictures = (value: unknown): value is Record<keyof typeof PICTURE_FIELDS, string | number>[] =>
  Array.isArray(value) && value.length > 0 && value.every(isPicture);

/** A sealed row names its files by content id only. */
const isIds = (value: unknown): value is { cid: string }[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((one) => isJsonObject(one) && Object.keys(one).length === 1 && typeof one['cid'] === 'string');

const isPicture = (value: unknown): boolean =>
  isJsonObject(value) &&
  Object.keys(value).length === Object.keys(PICTURE_FIELDS).length &&
  Object.entries(PICTURE_FIELDS).every(([name, type]) => typeof value[name] === type);

const isConversation = (value: unknown): value is Message[] =>
  Array.isArray(value) && value.length > 0 && value.every(isMessage);

const isMessage = (value: unknown): value is Message =>
  isJsonObject(value) && typeof value['role'] === 'string' && 'content' in value;

/** The content of a message, then its other fields: nothing is left out. */
function messageWords({ role, content, ...rest }: Message): string {
  const said = typeof content === 'string' ? content : content === null ? '' : JSON.stringify(content);
  const more = Object.entries(rest).map(
    ([name, value]) => `\n  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${role}: ${said}${more.join('')}`;
}
