// Puts marks around the words of a message's content, so that they can be found in what a template makes of it.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { stripEnd, stripStart } from '../jinja/white-space.ts';

/**
 * The content with marks around its words: all of them, or those behind the last thought, which templates leave out of history. Null
 * when there are none.
 */
export function markContent(
  content: Plain,
  [open, close]: readonly [string, string],
  from: 'start' | 'thought',
): Plain | null {
  if (typeof content === 'string') {
    const thought = content.lastIndexOf('</think>');
    if (from === 'thought' && thought < 0) return null;
    const begin = from === 'start' ? 0 : thought + '</think>'.length;
    const words = stripStart(stripEnd(content.slice(begin)));
    if (words === '') return null;
    // White space at both ends stays outside, where a template may trim it as Python does.
    const start = content.indexOf(words, begin);
    return content.slice(0, start) + open + words + close + content.slice(start + words.length);
  }
  if (!Array.isArray(content) || from !== 'start') return null;
  const parts = [...(content as Plain[])];
  const isWords = (part: Plain) =>
    isJsonObject(part) && typeof part['text'] === 'string' && stripStart(part['text']) !== '';
  const [first, last] = [parts.findIndex(isWords), parts.findLastIndex(isWords)];
  if (first < 0) return null;
  const change = (index: number, edit: (text: string) => string) => {
    const part = parts[index] as { readonly text: string };
    parts[index] = { ...part, text: edit(part.text) };
  };
  change(first, (text) => text.slice(0, text.length - stripStart(text).length) + open + stripStart(text));
  change(last, (text) => stripEnd(text) + close + text.slice(stripEnd(text).length));
  return parts;
}
