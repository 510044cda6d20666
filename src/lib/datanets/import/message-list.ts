// A list of messages as files have it: a list, or JSON in a text, as tables keep it.

import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { keepNumbers } from './exact-json.ts';

/** The entries, or null for what is no list that holds an object. */
export function messageListOf(value: unknown): unknown[] | null {
  const list = typeof value === 'string' && /^\s{0,100}\[/.test(value) ? parsed(value) : value;
  return Array.isArray(list) && list.some(isJsonObject) ? (list as unknown[]) : null;
}

function parsed(text: string): unknown {
  try {
    // With a number that has to be told, the text stays as it is.
    return keepNumbers(text).changed.length > 0 ? null : (JSON.parse(text) as unknown);
  } catch {
    // A text that only looks like a list.
    return null;
  }
}
