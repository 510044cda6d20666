// Marks in a text while it passes through a template: private-use characters that occur in none of its sources, and their places
// once they are taken out again.

import type { Plain } from '#lib/formats/json/exact-json.ts';

const [FIRST, LAST] = [0xe000, 0xf8ff];
const PRIVATE = /[\ue000-\uf8ff]/g;

/** `count` private-use characters that occur in none of the texts; null when too few are left. */
export function freeMarks(texts: Iterable<string>, count: number): string[] | null {
  const taken = new Set<string>();
  for (const text of texts) for (const [mark] of text.matchAll(PRIVATE)) taken.add(mark);
  const free: string[] = [];
  for (let code = FIRST; code <= LAST && free.length < count; code++) {
    const mark = String.fromCharCode(code);
    if (!taken.has(mark)) free.push(mark);
  }
  return free.length === count ? free : null;
}

/** The text without `marks`, and where each of them was, in the text without them. */
export function takeMarks(text: string, marks: readonly string[]): { text: string; places: number[][] } {
  const places = marks.map((): number[] => []);
  let out = '';
  let from = 0;
  for (const { 0: found, index } of text.matchAll(PRIVATE)) {
    const which = marks.indexOf(found);
    if (which < 0) continue;
    out += text.slice(from, index);
    from = index + 1;
    places[which]!.push(out.length);
  }
  return { text: out + text.slice(from), places };
}

/** The value with every text in it, names of fields too, replaced. */
export function mapTexts(value: Plain, change: (text: string) => string): Plain {
  if (typeof value === 'string') return change(value);
  if (value === null || typeof value !== 'object' || value instanceof Number) return value;
  if (Array.isArray(value)) return (value as readonly Plain[]).map((one) => mapTexts(one, change));
  const isMap = value instanceof Map;
  const entries = isMap ? [...(value as ReadonlyMap<string, Plain>)] : Object.entries(value as Record<string, Plain>);
  const changed = entries.map(([name, one]) => [change(name), mapTexts(one, change)] as const);
  return isMap ? new Map(changed) : Object.fromEntries(changed);
}
