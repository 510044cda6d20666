// Turns rows of Parquet into records by the file's schema. hyparquet returns stored values; this file interprets them, one column
// at a time: if one integer does not fit a row, all integers of the column become texts; if some bytes are not text, the column
// is left out.

import { parquetSchema, type FileMetaData, type SchemaElement, type SchemaTree } from 'hyparquet';
import { keepsDigits } from '#lib/formats/json/exact-number.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { durationOf, readArrowFields, type ArrowField } from './arrow-durations.ts';
import { keepNumbers } from '#lib/dataset/records/exact-json.ts';
import { dateOf, decimalOf, intervalOf, leafKind, timeOf, timestampOf, type LeafKind } from './parquet-value.ts';

interface Column {
  name: string;
  /** Path as in the file, and path for display: `people.list.element.id` is `people[].id`. */
  path: string;
  shown: string;
  kind: LeafKind;
  shape: 'leaf' | 'list' | 'map' | 'group';
  /** For a list its entry, for a map its value, for a group its fields. */
  parts: Column[];
}

/** Facts about a column's values, collected before rows are made. */
export interface ColumnFacts {
  /** Paths of integers too large for a row. */
  wide: Set<string>;
  /** Paths of bytes that are not all text. */
  binary: Set<string>;
}

export interface RowNotes {
  /** Reports a value that a row cannot hold, and what becomes of it. */
  tell(path: string, what: string, detail?: string): void;
}

export interface ParquetColumns {
  /** The same file, described so that hyparquet returns values as stored. */
  stored: FileMetaData;
  /** Columns whose values must be examined before rows are made. */
  unclear: string[];
  /** Examines one row of those columns. */
  look(row: Record<string, unknown>, facts: ColumnFacts): void;
  record(row: Record<string, unknown>, facts: ColumnFacts, notes: RowNotes): JsonObject;
}

const MAX_DEPTH = 32;

export function readColumns(metadata: FileMetaData): ParquetColumns {
  const root = columnOf(parquetSchema(metadata), 0, '');
  const arrow = metadata.key_value_metadata?.find(({ key }) => key === 'ARROW:schema')?.value;
  if (arrow !== undefined) nameDurations(root.parts, readArrowFields(arrow));
  const unclear = root.parts.filter((part) => isUnclear(part, metadata)).map(({ name }) => name);
  const schema = metadata.schema.map(asStored);
  return {
    stored: { ...metadata, schema },
    unclear,
    look(row, facts) {
      for (const part of root.parts) if (unclear.includes(part.name)) lookAt(row[part.name], part, facts);
    },
    record: (row, facts, notes) =>
      fieldsOf(root.parts.map((part) => [part.name, plain(row[part.name], part, facts, notes)] as const)),
  };
}

function columnOf(tree: SchemaTree, depth: number, shown: string): Column {
  const { element, path, children } = tree;
  if (depth > MAX_DEPTH) throw new RangeError(`its columns nest deeper than ${MAX_DEPTH} levels`);
  const base = { name: element.name, path: path.join('.'), shown, kind: leafKind(element) };
  const [child] = children;
  if (!child) return { ...base, shape: 'leaf', parts: [] };
  const isRepeated = children.length === 1 && child.element.repetition_type === 'REPEATED';
  // hyparquet assembles lists by the same rule.
  if (element.converted_type === 'LIST' && isRepeated && child.children.length < 2) {
    return { ...base, shape: 'list', parts: [columnOf(child.children[0] ?? child, depth + 1, `${shown}[]`)] };
  }
  if (element.converted_type === 'MAP' && isRepeated && child.children.length === 2) {
    return { ...base, shape: 'map', parts: [columnOf(child.children[1]!, depth + 1, `${shown}.*`)] };
  }
  return {
    ...base,
    shape: 'group',
    parts: children.map((one) => columnOf(one, depth + 1, `${shown && `${shown}.`}${one.element.name}`)),
  };
}

function nameDurations(columns: readonly Column[], fields: readonly ArrowField[]): void {
  for (const column of columns) {
    const field = fields.find(({ name }) => name === column.name);
    if (!field) continue;
    if (field.perSecond !== null && column.kind.is === 'integer')
      column.kind = { is: 'duration', perSecond: field.perSecond };
    // Writers name the entry of a list differently.
    const [entry] = column.shape === 'list' ? column.parts : [];
    nameDurations(
      column.parts,
      entry ? field.children.map((child) => ({ ...child, name: entry.name })) : field.children,
    );
  }
}

/** Removes types whose values hyparquet would round or drop. */
function asStored(element: SchemaElement): SchemaElement {
  const { is } = leafKind(element);
  const isMeant = ['decimal', 'date', 'interval', 'time', 'timestamp', 'json'].includes(is);
  if (!element.type || !(isMeant || element.converted_type === 'BSON')) return element;
  const { converted_type: _, logical_type: __, ...stored } = element;
  return stored;
}

function isUnclear(column: Column, metadata: FileMetaData): boolean {
  if (column.shape !== 'leaf') return column.parts.some((part) => isUnclear(part, metadata));
  return column.kind.is === 'bytes' || (column.kind.is === 'integer' && !isSafe(column.path, metadata));
}

/** Whether the file's statistics show that all integers of a column fit a row. */
const isSafe = (path: string, { row_groups: groups }: FileMetaData): boolean =>
  groups.every(({ columns }) => {
    const chunk = columns.find(({ meta_data: meta }) => meta?.path_in_schema.join('.') === path)?.meta_data;
    const { min_value: min, max_value: max } = chunk?.statistics ?? {};
    return typeof min === 'bigint' && typeof max === 'bigint' && min >= -(2n ** 53n) && max <= 2n ** 53n && min <= max;
  });

function lookAt(value: unknown, column: Column, facts: ColumnFacts): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value) && (column.shape === 'list' || column.shape === 'leaf' || column.shape === 'group')) {
    const entry = column.shape === 'list' ? column.parts[0]! : column;
    for (const one of value as unknown[]) lookAt(one, entry, facts);
  } else if (column.shape === 'map') {
    for (const one of Object.values(value)) lookAt(one, column.parts[0]!, facts);
  } else if (column.shape === 'group') {
    for (const part of column.parts) lookAt((value as Record<string, unknown>)[part.name], part, facts);
  } else if (column.kind.is === 'integer') {
    if (typeof value === 'bigint' && !isHeld(value)) facts.wide.add(column.path);
  } else if (column.kind.is === 'bytes' && value instanceof Uint8Array && textOf(value) === null) {
    facts.binary.add(column.path);
  }
}

const isHeld = (value: bigint): boolean => keepsDigits(value.toString());

const fieldsOf = (entries: readonly (readonly [string, unknown])[]): JsonObject =>
  Object.fromEntries(entries.filter(([, value]) => value !== undefined));

/** A value as a row holds it; undefined for a value that a row cannot hold, which is reported. */
function plain(value: unknown, column: Column, facts: ColumnFacts, notes: RowNotes): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) {
    const entry = column.shape === 'list' ? column.parts[0]! : column;
    return value.map((one: unknown) => plain(one, entry, facts, notes) ?? null);
  }
  if (column.shape === 'map') {
    const [part] = column.parts;
    return fieldsOf(Object.entries(value).map(([name, one]) => [name, plain(one, part!, facts, notes)] as const));
  }
  if (column.shape === 'group' && !(value instanceof Uint8Array)) {
    const group = value as Record<string, unknown>;
    return fieldsOf(column.parts.map((part) => [part.name, plain(group[part.name], part, facts, notes)] as const));
  }
  return leaf(value, column, facts, notes);
}

function leaf(value: unknown, { kind, path, shown }: Column, facts: ColumnFacts, notes: RowNotes): unknown {
  if (kind.is === 'decimal') return decimalOf(value, kind.scale, kind.precision);
  if (kind.is === 'date') return dateOf(Number(value));
  if (kind.is === 'time') return timeOf(BigInt(value as number | bigint), kind.unit);
  if (kind.is === 'timestamp') return timestampOf(BigInt(value as number | bigint), kind.unit, kind.isUtc);
  if (kind.is === 'duration') return durationOf(value as bigint, kind.perSecond);
  if (kind.is === 'interval' && value instanceof Uint8Array && value.length === 12) return intervalOf(value);
  if (kind.is === 'integer') {
    if (!facts.wide.has(path)) return Number(value);
    notes.tell(shown, 'holds integers with more digits than JSON keeps; all of them are kept as texts');
    return String(value);
  }
  if (value instanceof Uint8Array) {
    const text = facts.binary.has(path) ? null : textOf(value);
    if (text === null) return bytesOf(value, shown, notes);
    return kind.is === 'json' ? jsonOf(text, shown, notes) : text;
  }
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'bigint') return isHeld(value) ? Number(value) : value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) {
    notes.tell(shown, `is ${value}, which a row cannot hold; it becomes null`);
    return null;
  }
  return value instanceof Date ? value.toISOString() : value;
}

/** Parses a value of a JSON column; an invalid one stays a text. */
function jsonOf(text: string, path: string, notes: RowNotes): unknown {
  const { source, changed } = keepNumbers(text);
  try {
    const value = JSON.parse(source) as unknown;
    for (const one of changed)
      notes.tell(path, `holds numbers that a row cannot hold; they become ${one.becomes}`, one.literal);
    return value;
  } catch {
    return text;
  }
}

function bytesOf(value: unknown, path: string, notes: RowNotes): undefined {
  notes.tell(path, 'holds bytes, which a row cannot hold; they are left out', `${(value as Uint8Array).length} bytes`);
  return undefined;
}

/** Old writers do not mark which byte columns are text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
