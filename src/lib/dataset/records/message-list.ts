// Reads a list of messages: a list, or JSON in a text, as tables store it.

import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { keepNumbers } from './exact-json.ts';

/** The entries, or null unless it is a list that holds an object. */
export function messageListOf(value: unknown): unknown[] | null {
  const list = typeof value === 'string' && /^\s{0,100}\[/.test(value) ? parsed(value) : value;
  return Array.isArray(list) && list.some(isJsonObject) ? (list as unknown[]) : null;
}

function parsed(text: string): unknown {
  try {
    // It holds a number that a row cannot represent: the text stays unchanged.
    return keepNumbers(text).changed.length > 0 ? null : (JSON.parse(text) as unknown);
  } catch {
    // A text that only starts like a list.
    return null;
  }
}
