// Writes what `parseExactJson` read, so that a program in Python reads the same numbers: a float keeps its point, a long integer all of
// its digits.

import type { Plain } from './exact-json.ts';

export function writeExactJson(value: Plain, indent = ''): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Number) return float(value.valueOf());
  const deeper = `${indent}  `;
  const lines = Array.isArray(value)
    ? (value as readonly Plain[]).map((item) => writeExactJson(item, deeper))
    : (value instanceof Map
        ? [...(value as ReadonlyMap<string, Plain>)]
        : Object.entries(value as Record<string, Plain>)
      ).map(([key, item]) => `${JSON.stringify(key)}: ${writeExactJson(item, deeper)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return lines.length === 0 ? `${open}${close}` : `${open}\n${deeper}${lines.join(`,\n${deeper}`)}\n${indent}${close}`;
}

/** NaN and infinities as Python writes them. */
const number = (value: number): string => String(value);

/** A float with a whole value. */
const float = (value: number): string => {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
};
