// Statistics of the fields of a Datanet's rows: kinds of values, lengths of texts, ranges of numbers. They depend on the set of
// rows alone, not on its order. A JSON Schema of a row is derived from them.

import { fieldsOf } from '../block/cbor-fields.ts';
import type { JsonObject } from '../json/json-file.ts';

export const KINDS = ['string', 'number', 'boolean', 'null', 'array', 'object'] as const;
export type Kind = (typeof KINDS)[number];

export interface ColumnStats {
  name: string;
  /** Rows that have the field. */
  rows: number;
  kinds: Readonly<Record<Kind, number>>;
  /** Of texts, in UTF-16 units; null without any. */
  length: { min: number; max: number; total: number } | null;
  /** Of numbers; null without any. */
  range: { min: number; max: number } | null;
}

export const MAX_COLUMNS = 64;
/** With more distinct names than this the rows are not tabular, and no column statistics are kept. */
const MAX_NAMES = 1024;
const MAX_NAME_CHARS = 256;

interface Counting {
  rows: number;
  kinds: Record<Kind, number>;
  length: { min: number; max: number; total: number } | null;
  range: { min: number; max: number } | null;
}

export interface ColumnCounter {
  add(row: JsonObject): void;
  /** Undoes `add` for a row that is a repetition. */
  remove(row: JsonObject): void;
  /** By name. */
  columns(): ColumnStats[];
}

export function createColumnCounter(): ColumnCounter {
  const found = new Map<string, Counting>();
  let tooMany = false;
  const columnOf = (name: string): Counting | null => {
    const known = found.get(name);
    if (known) return known;
    if (found.size === MAX_NAMES || name.length > MAX_NAME_CHARS) {
      tooMany = true;
      found.clear();
      return null;
    }
    const kinds = { string: 0, number: 0, boolean: 0, null: 0, array: 0, object: 0 };
    const fresh: Counting = { rows: 0, kinds, length: null, range: null };
    found.set(name, fresh);
    return fresh;
  };
  const count = (row: JsonObject, by: 1 | -1): void => {
    for (const name of tooMany ? [] : Object.keys(row)) {
      const column = columnOf(name);
      if (!column) return;
      const value = row[name];
      column.rows += by;
      column.kinds[kindOf(value)] += by;
      if (typeof value === 'string') addLength(column, value.length, by);
      else if (typeof value === 'number') addNumber(column, value);
    }
  };
  return {
    add: (row) => count(row, 1),
    remove: (row) => count(row, -1),
    columns: () =>
      [...found]
        .map(([name, column]) => ({ name, ...column }))
        .sort((a, b) => b.rows - a.rows || (a.name < b.name ? -1 : 1))
        .slice(0, MAX_COLUMNS)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function addLength(column: Counting, length: number, by: 1 | -1): void {
  column.length ??= { min: length, max: length, total: 0 };
  column.length.total += by * length;
  if (length < column.length.min) column.length.min = length;
  if (length > column.length.max) column.length.max = length;
}

function addNumber(column: Counting, value: number): void {
  const number = value === 0 ? 0 : value;
  column.range ??= { min: number, max: number };
  if (number < column.range.min) column.range.min = number;
  if (number > column.range.max) column.range.max = number;
}

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as Kind;
}

/** JSON Schema (2020-12) of a row: the kinds seen; fields that all `rows` rows have are required. */
export function schemaOf(columns: readonly ColumnStats[], rows: number): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(
      columns.map(({ name, kinds }) => {
        const seen = KINDS.filter((kind) => kinds[kind] > 0);
        return [name, { type: seen.length === 1 ? seen[0] : seen }];
      }),
    ),
    required: columns.filter((column) => column.rows === rows).map(({ name }) => name),
  };
}

export const encodeColumn = (column: ColumnStats): unknown => ({
  name: column.name,
  rows: column.rows,
  kinds: { ...column.kinds },
  length: column.length && { ...column.length },
  range: column.range && { ...column.range },
});

export function readColumn(entry: unknown, file: string, at: string): ColumnStats {
  const most = Number.MAX_SAFE_INTEGER;
  const fields = fieldsOf(entry, ['name', 'rows', 'kinds', 'length', 'range'], file, at);
  const kinds = fieldsOf(fields.value('kinds'), KINDS, file, `${at}.kinds`);
  return {
    name: fields.text('name', MAX_NAME_CHARS),
    rows: fields.count('rows', most),
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, kinds.count(kind, most)])) as Record<Kind, number>,
    length: fields.optional('length', (name) => {
      const length = fieldsOf(fields.value(name), ['min', 'max', 'total'], file, `${at}.length`);
      return { min: length.count('min', most), max: length.count('max', most), total: length.count('total', most) };
    }),
    range: fields.optional('range', (name) => {
      const range = fieldsOf(fields.value(name), ['min', 'max'], file, `${at}.range`);
      return { min: range.number('min'), max: range.number('max') };
    }),
  };
}
