// Parses and writes canonical JSON (RFC 8785), and refuses values without a canonical form. The library `canonicalize` defines
// the form; for plain objects, which are nearly all, `JSON.stringify` over sorted fields gives the same text several times
// faster.

import canonicalize from 'canonicalize';
import { FormatError } from '../errors.ts';
import { keepsDigits } from './exact-number.ts';
import { endOfString, findDuplicateKey, isJsonObject, type JsonObject } from './json-file.ts';

export interface CanonicalObject {
  value: JsonObject;
  text: string;
}

const MAX_DEPTH = 64;

/**
 * The object in `source`. `where` is used in errors.
 * @throws FormatError for text that is not a JSON object, nests deeper than 64 levels or has no canonical form: duplicate fields,
 * a lone surrogate, an integer that would change its digits, or a number beyond the range of doubles
 */
export function parseCanonical(source: string, where: string): CanonicalObject {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw bad(where, `not valid JSON (${(cause as Error).message})`, 'Correct it.', cause);
  }
  if (!isJsonObject(value)) throw bad(where, 'this is not a JSON object', 'Write it as {"text": …}.');
  const survey: Survey = { fields: 0, isOdd: false, isLarge: false, isTooDeep: false };
  const sorted = sortFields(value, 0, survey);
  if (survey.isTooDeep) throw bad(where, `it nests deeper than ${MAX_DEPTH} levels`, 'Flatten it.');
  if (survey.fields !== countFields(source)) {
    const twice = findDuplicateKey(source) ?? '';
    throw bad(where, `field "${twice.slice(0, 60)}" is there twice`, 'Remove one of them.');
  }
  const inexact = survey.isLarge ? findInexactInteger(source) : null;
  if (inexact !== null) {
    const written = String(Number(inexact));
    throw bad(where, `${inexact.slice(0, 60)} would become ${written} in a row`, 'Write it as a text, in quotes.');
  }
  // Well-formed text without `\u` escapes holds only well-formed strings.
  const isPlain = !survey.isOdd && !source.includes('\\u') && source.isWellFormed();
  return { value, text: isPlain ? JSON.stringify(sorted) : canonicalText(value, where) };
}

/** The canonical text of a parsed value. */
export function canonicalText(value: JsonObject, where: string): string {
  try {
    const text = canonicalize(value);
    if (text !== undefined) return text;
  } catch (cause) {
    throw bad(where, `it has no canonical form (${(cause as Error).message})`, 'Correct it.', cause);
  }
  throw bad(where, 'it has no canonical form', 'Correct it.');
}

interface Survey {
  fields: number;
  /** Holds a name whose position objects do not keep, or a number without canonical form. */
  isOdd: boolean;
  /** Holds an integer of more than 53 bits. */
  isLarge: boolean;
  isTooDeep: boolean;
}

/** `value` with the fields of every object sorted; the same object when they are sorted already. */
function sortFields(value: unknown, depth: number, survey: Survey): unknown {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) survey.isOdd = true;
    else if (Number.isInteger(value) && !Number.isSafeInteger(value)) survey.isLarge = true;
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) {
    survey.isTooDeep = true;
    return null;
  }
  return Array.isArray(value)
    ? sortEntries(value, depth + 1, survey)
    : sortObject(value as JsonObject, depth + 1, survey);
}

function sortEntries(list: unknown[], depth: number, survey: Survey): unknown[] {
  let copy: unknown[] | null = null;
  for (let at = 0; at < list.length; at++) {
    const entry = sortFields(list[at], depth, survey);
    if (entry === list[at]) continue;
    copy ??= list.slice();
    copy[at] = entry;
  }
  return copy ?? list;
}

function sortObject(object: JsonObject, depth: number, survey: Survey): JsonObject {
  const names = Object.keys(object);
  survey.fields += names.length;
  let isSorted = true;
  for (let at = 0; at < names.length; at++) {
    const name = names[at]!;
    const first = name.charCodeAt(0);
    // Objects list names made of digits first, in any order of insertion.
    if ((first >= 0x30 && first <= 0x39) || name === '__proto__') survey.isOdd = true;
    if (at > 0 && names[at - 1]! > name) isSorted = false;
  }
  let copy: Record<string, unknown> | null = isSorted ? null : {};
  if (!isSorted) names.sort();
  for (const name of names) {
    const entry = sortFields(object[name], depth, survey);
    if (!copy && entry !== object[name]) copy = { ...object };
    if (copy) copy[name] = entry;
  }
  return copy ?? object;
}

/** How many fields the objects in valid JSON `source` have in all, those that `JSON.parse` drops included. */
function countFields(source: string): number {
  const escapes = source.includes('\\');
  let fields = 0;
  for (let at = source.indexOf('"'); at >= 0; at = source.indexOf('"', at)) {
    at = endOfString(source, at, escapes) + 1;
    let next = source.charCodeAt(at);
    while (next === 0x20 || next === 0x0a || next === 0x0d || next === 0x09) next = source.charCodeAt(++at);
    if (next === 0x3a) fields++;
  }
  return fields;
}

/** The first integer in valid JSON `source` whose digits would change, or null. See exact-number.ts. */
function findInexactInteger(source: string): string | null {
  for (const [number] of source.replace(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/-?\d[\d.eE+-]*/g)) {
    if (/^-?\d{16,}$/.test(number) && !keepsDigits(number)) return number;
  }
  return null;
}

const bad = (where: string, what: string, hint: string, cause?: unknown): FormatError =>
  new FormatError(where, what, { hint, cause });
