// Reads a small JSON object from a folder, with a size bound and errors that name the file.

import type { Folder } from '#lib/core/folder.ts';
import { FormatError } from '../errors.ts';

export type JsonObject = { readonly [key: string]: unknown };

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Text of a file no longer than `maxBytes`; invalid UTF-8 is an error. */
export async function readTextFile(folder: Folder, path: string, maxBytes: number): Promise<string> {
  const size = await folder.size(path);
  const file = `${folder.name}/${path}`;
  if (size > maxBytes) {
    throw new FormatError(file, `the file has ${size} bytes; at most ${maxBytes} are read`, {
      hint: 'Check that this is the right file.',
    });
  }
  const bytes = await folder.read(path, 0, size);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(file, 'the text is not valid UTF-8', { cause });
  }
}

/** The object in a JSON file no longer than `maxBytes`. Accepts NaN and infinities, as Python writes them. */
export async function readJsonFile(folder: Folder, path: string, maxBytes = 16 << 20): Promise<JsonObject> {
  const text = await readTextFile(folder, path, maxBytes);
  return parseJsonObject(/NaN|Infinity/.test(text) ? withoutPythonNumbers(text) : text, `${folder.name}/${path}`);
}

/** Writes infinities as numbers that overflow to infinity, and NaN as a text, which numeric fields refuse. */
function withoutPythonNumbers(text: string): string {
  const token = /"|NaN|Infinity/g;
  const parts: string[] = [];
  let from = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    if (found[0] === '"') {
      const end = endOfString(text, found.index);
      if (end < 0) break;
      token.lastIndex = end + 1;
      continue;
    }
    parts.push(text.slice(from, found.index), found[0] === 'NaN' ? '"NaN"' : '1e999');
    from = token.lastIndex;
  }
  return parts.join('') + text.slice(from);
}

/** The object in `text`; `file` is used in errors only. */
export function parseJsonObject(text: string, file: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(file, `not valid JSON (${(cause as Error).message})`, { cause });
  }
  if (!isJsonObject(value)) throw new FormatError(file, 'the JSON is not an object');
  return value;
}

/** The first key that occurs twice in one object of valid JSON `text`, or null. `JSON.parse` silently keeps the last. */
export function findDuplicateKey(text: string): string | null {
  const escapes = text.includes('\\');
  // The keys of every open object, none for a list.
  const open: (Set<string> | null)[] = [];
  let keyNext = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push(new Set());
        keyNext = true;
        break;
      case 0x5b: // [
        open.push(null);
        keyNext = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        keyNext = false;
        break;
      case 0x2c: // ,
        keyNext = open.at(-1) !== null;
        break;
      case 0x22: {
        // "
        const from = at;
        at = endOfString(text, from, escapes);
        const keys = open.at(-1);
        if (!keyNext || !keys) break;
        keyNext = false;
        const raw = text.slice(from + 1, at);
        const key = escapes ? (JSON.parse(`"${raw}"`) as string) : raw;
        if (keys.has(key)) return key;
        keys.add(key);
      }
    }
  }
  return null;
}

/** End of the string that begins at `from` in valid JSON `text`. Without `escapes` the next quote ends it. */
export function endOfString(text: string, from: number, escapes = true): number {
  let at = text.indexOf('"', from + 1);
  while (escapes && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
}
