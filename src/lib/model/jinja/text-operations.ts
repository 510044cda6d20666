// Operations on plain strings behind str methods and filters, within the budget.

import type { Budget } from './budget.ts';
import { fail } from './failure.ts';
import { sizeOf, Tuple } from './values.ts';
import { skipSpace, stripEnd, stripStart } from './white-space.ts';

export function strip(text: string, signs: string | undefined, sides: 'left' | 'right' | 'both'): string {
  if (signs === undefined) {
    const left = sides === 'right' ? text : stripStart(text);
    return sides === 'left' ? left : stripEnd(left);
  }
  const set = new Set(signs);
  const all = Array.from(text);
  let from = 0;
  let to = all.length;
  if (sides !== 'right') while (from < to && set.has(all[from]!)) from++;
  if (sides !== 'left') while (to > from && set.has(all[to - 1]!)) to--;
  return all.slice(from, to).join('');
}

export function join(mark: string, parts: readonly string[], budget: Budget): string {
  budget.text(parts.reduce((sum, part) => sum + part.length, mark.length * Math.max(0, parts.length - 1)));
  return parts.join(mark);
}

export function replace(text: string, old: string, by: string, most: number, budget: Budget): string {
  if (most === 0) return text;
  if (old === '') {
    const signs = Array.from(text);
    const times = most < 0 ? signs.length + 1 : Math.min(most, signs.length + 1);
    budget.text(text.length + by.length * times);
    const out = signs.map((sign, i) => (i < times ? by + sign : sign)).join('');
    return times > signs.length ? out + by : out;
  }
  return join(by, split(text, old, most < 0 ? Infinity : most, budget), budget);
}

/** Splits at `mark`; without one at white space, dropping empty parts. */
export function split(text: string, mark: string | undefined, most: number, budget: Budget): string[] {
  budget.text(text.length);
  if (mark === undefined) return splitAtSpace(text, most, budget);
  if (mark === '') return fail('ValueError', 'empty separator');
  budget.search(text, mark);
  const parts: string[] = [];
  let from = 0;
  while (parts.length < most) {
    const at = text.indexOf(mark, from);
    if (at < 0) break;
    parts.push(text.slice(from, at));
    from = at + mark.length;
  }
  parts.push(text.slice(from));
  budget.list(parts.length);
  return parts;
}

function splitAtSpace(text: string, most: number, budget: Budget): string[] {
  const parts: string[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    if (parts.length >= most) {
      parts.push(stripEnd(text.slice(at)));
      break;
    }
    let end = at;
    while (end < text.length && skipSpace(text, end) === end) end++;
    parts.push(text.slice(at, end));
    at = skipSpace(text, end);
  }
  budget.list(parts.length);
  return parts;
}

/** As `split`, with the splits counted from the end. */
export function splitEnd(text: string, mark: string | undefined, most: number, budget: Budget): string[] {
  if (most === Infinity && mark === undefined) return split(text, mark, most, budget);
  budget.text(text.length);
  if (mark === '') return fail('ValueError', 'empty separator');
  const parts: string[] = [];
  let rest = mark === undefined ? stripEnd(text) : text;
  if (mark !== undefined) budget.search(text, mark);
  while (parts.length < most) {
    if (mark === undefined) {
      let start = rest.length;
      while (start > 0 && skipSpace(rest, start - 1) === start - 1) start--;
      if (start === 0) break;
      parts.push(rest.slice(start));
      rest = stripEnd(rest.slice(0, start));
    } else {
      const at = rest.length < mark.length ? -1 : rest.lastIndexOf(mark);
      if (at < 0) break;
      parts.push(rest.slice(at + mark.length));
      rest = rest.slice(0, at);
    }
  }
  if (mark !== undefined || rest !== '') parts.push(rest);
  budget.list(parts.length);
  return parts.reverse();
}

export function partition(text: string, mark: string, fromEnd: boolean, budget: Budget): Tuple {
  if (mark === '') return fail('ValueError', 'empty separator');
  budget.search(text, mark);
  const at = fromEnd ? text.lastIndexOf(mark) : text.indexOf(mark);
  if (at < 0) return new Tuple(fromEnd ? ['', '', text] : [text, '', '']);
  return new Tuple([text.slice(0, at), mark, text.slice(at + mark.length)]);
}

/** Python's line breaks; they are captured when a text is split by them. */
const BREAKS = '\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029';
const LINE_END = new RegExp(`(\\r\\n|[${BREAKS}])`);

export function lines(text: string, keepEnds: boolean, budget: Budget): string[] {
  budget.text(text.length);
  const pieces = text.split(LINE_END);
  const parts: string[] = [];
  for (let at = 0; at < pieces.length; at += 2) parts.push(pieces[at]! + (keepEnds ? (pieces[at + 1] ?? '') : ''));
  if (pieces.at(-1) === '') parts.pop();
  budget.list(parts.length);
  return parts;
}

export function pad(
  text: string,
  width: number,
  sign: string,
  side: 'left' | 'right' | 'both',
  budget: Budget,
): string {
  const missing = width - sizeOf(text);
  if (missing <= 0) return text;
  budget.text(text.length + missing);
  // With an odd number of fill characters, Python chooses the side by the parity of the width.
  const left = side === 'left' ? missing : side === 'right' ? 0 : Math.floor(missing / 2) + (missing & width & 1);
  return sign.repeat(left) + text + sign.repeat(missing - left);
}
