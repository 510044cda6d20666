// Finds fields of a JSON file in which some number has more digits than a row keeps. All numbers of such a field become texts, so
// that a field has one type. Files without long runs of digits are not parsed for this.

import { isJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';
import type { ImportFile, ReadOptions, RecordReader } from './import-file.ts';

/** Digits from which an integer may be rounded, and a decimal, which may begin with zeros. */
const [LONG, LONG_DECIMAL] = [16, 19];
const [ZERO, NINE, POINT] = [0x30, 0x39, 0x2e];

/** Paths of these fields, such as `user.id`. */
export async function findWideFields(
  file: ImportFile,
  read: RecordReader,
  options: ReadOptions,
): Promise<ReadonlySet<string>> {
  const wide = new Set<string>();
  if (!(await hasLongNumbers(file, options.signal))) return wide;
  for await (const { issues } of read(file, options))
    for (const { wide: path } of issues) if (path !== undefined) wide.add(path);
  return wide;
}

async function hasLongNumbers(file: ImportFile, signal?: AbortSignal): Promise<boolean> {
  let digits = 0;
  let hasPoint = false;
  for await (const piece of file.stream()) {
    signal?.throwIfAborted();
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (byte >= ZERO && byte <= NINE) {
        digits++;
        if (digits >= LONG_DECIMAL || (digits >= LONG && !hasPoint)) return true;
      } else if (byte === POINT && digits > 0 && !hasPoint) hasPoint = true;
      else {
        digits = 0;
        hasPoint = false;
      }
    }
  }
  return false;
}

/** `record` with the numbers of these fields as texts. */
export const widened = (record: JsonObject, paths: ReadonlySet<string>): JsonObject =>
  paths.size === 0 ? record : (widen(record, '', paths) as JsonObject);

function widen(value: unknown, path: string, paths: ReadonlySet<string>): unknown {
  if (typeof value === 'number') return paths.has(path) ? String(value) : value;
  if (Array.isArray(value)) return value.map((one: unknown) => widen(one, `${path}[]`, paths));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, widen(one, `${path}${path && '.'}${name.slice(0, 60)}`, paths)]),
  );
}
