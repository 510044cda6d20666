// Rewrites JSON so that numbers a row cannot hold become texts: integers that would be rounded, decimals with more digits than a
// double, and numbers beyond the range of doubles. NaN and Infinity, which some programs write, become null. Reports the path of
// each change.

import { isRowNumber } from '#lib/formats/json/exact-number.ts';
import { endOfString } from '#lib/formats/json/json-file.ts';

export interface ChangedNumber {
  /** Path of the number, such as `user.id` or `turns[].weight`. */
  path: string;
  /** As written in the file. */
  literal: string;
  becomes: 'text' | 'null';
}

/** Matches every text with such a number; most records do not match and are not scanned. */
const SUSPICIOUS = /[\d.]{16}|\d[eE][+-]?\d{3}|NaN|Infinity/;
const TOKEN = /-?(?:Infinity|NaN|\d[\d.eE+-]*)/y;
const MAX_NAMED = 16;

/** `source` with such numbers replaced. Invalid JSON stays invalid. */
export function keepNumbers(source: string): { source: string; changed: ChangedNumber[] } {
  const changed: ChangedNumber[] = [];
  if (!SUSPICIOUS.test(source)) return { source, changed };
  const parts: string[] = [];
  // For each open object the current field name, for each list null.
  const open: (string | null)[] = [];
  let kept = 0;
  let lastText = '';
  for (let at = 0; at < source.length; at++) {
    const c = source[at]!;
    if (c === '"') {
      const end = endOfString(source, at);
      if (end < 0) break;
      lastText = source.slice(at, end + 1);
      at = end;
    } else if (c === ':' && open.length > 0) open[open.length - 1] = lastText;
    else if (c === '{') open.push('');
    else if (c === '[') open.push(null);
    else if (c === '}' || c === ']') open.pop();
    else if (c === '-' || c === 'N' || c === 'I' || (c >= '0' && c <= '9')) {
      TOKEN.lastIndex = at;
      const literal = TOKEN.exec(source)?.[0];
      if (literal === undefined) continue;
      const isWord = /[NI]/.test(literal);
      if (isWord || !isRowNumber(literal)) {
        parts.push(source.slice(kept, at), isWord ? 'null' : `"${literal}"`);
        kept = at + literal.length;
        changed.push({ path: pathOf(open), literal, becomes: isWord ? 'null' : 'text' });
      }
      at += literal.length - 1;
    }
  }
  return { source: parts.join('') + source.slice(kept), changed };
}

function pathOf(open: readonly (string | null)[]): string {
  let path = '';
  for (const name of open.slice(0, MAX_NAMED)) {
    if (name === null) path += '[]';
    else path += `${path === '' ? '' : '.'}${textOf(name).slice(0, 60)}`;
  }
  return path;
}

function textOf(name: string): string {
  try {
    return String(JSON.parse(name));
  } catch {
    // Not a valid name: keep it as written; parsing reports the error.
    return name;
  }
}
