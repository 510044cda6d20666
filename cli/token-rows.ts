// Rows of token ids or labels: written on the command line, or in a JSON file.

import { isJsonObject } from '#lib/formats/json/json-file.ts';
import { UsageError } from './errors.ts';
import { readInput } from './input-files.ts';

/** 1,2,3 or 1,2;3,4 or JSON or a JSON file: a list, a list of lists, or an object that has one as `field`. */
export function readTokenRows(value: string, field: 'ids' | 'labels'): number[][] {
  const refuse = (where: string): never => {
    throw new UsageError(
      `Option --${field}: ${where.slice(0, 60)} holds no rows of token ids.`,
      'It takes 1,2,3 or 1,2;3,4 or a JSON file with a list of such lists.',
    );
  };
  if (/^\s*-?\d[\s\d,;-]*$/.test(value)) {
    return value
      .split(';')
      .map((row) =>
        row.split(',').map((part) => (/^\s*-?\d{1,9}\s*$/.test(part) ? Number(part) : refuse(`"${part}"`))),
      );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(value.startsWith('[') ? value : readInput(value));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    refuse(value);
  }
  const list = isJsonObject(parsed) ? parsed[field] : parsed;
  if (!Array.isArray(list) || list.length === 0) return refuse(value);
  const rows = (list.every((one) => Array.isArray(one)) ? list : [list]) as unknown[][];
  const isId = (id: unknown): id is number => Number.isSafeInteger(id);
  return rows.map((row, i) => (row.every(isId) ? row : refuse(`row ${i} of ${value}`)));
}
