// JSON in the one form of RFC 8785, and what has none. The library `canonicalize` says what that form is; for plain objects,
// which is nearly all of them, the engine's own `JSON.stringify` over sorted fields gives the same text several times faster.

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
 * The object in `source`. `where` is shown in errors.
 *
 * @throws FormatError for what is no JSON object, or has no canonical form: two fields of one name, a lone surrogate, an
 *   integer that would come out with other digits, a number beyond all doubles; and for more than 64 levels
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
  // Without such escapes text that is well formed holds only strings that are.
  const isPlain = !survey.isOdd && !source.includes('\\u') && source.isWellFormed();
  return { value, text: isPlain ? JSON.stringify(sorted) : canonicalText(value, where) };
}

/** The canonical text of a value that did not come as text. */
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
  /** Holds a name that objects do not keep in place, or a number without a form. */
  isOdd: boolean;
  /** Holds an integer of more than 53 bits. */
  isLarge: boolean;
  isTooDeep: boolean;
}

/** `value` with the fields of every object in order: itself where they are already. */
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
    // Digits come first in any object, whatever the order they were given in.
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

/** The first integer in valid JSON `source` that would come out with other digits, or null. See exact-number.ts. */
function findInexactInteger(source: string): string | null {
  for (const [number] of source.replace(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/-?\d[\d.eE+-]*/g)) {
    if (/^-?\d{16,}$/.test(number) && !keepsDigits(number)) return number;
  }
  return null;
}

const bad = (where: string, what: string, hint: string, cause?: unknown): FormatError =>
  new FormatError(where, what, { hint, cause });
