// Exports a version as Parquet, for tools that read tables; a view, never the stored form. Holds one shard of rows and yields one
// row group after another.

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnSource } from 'hyparquet-writer';
import type { ColumnStats } from '#lib/formats/datanet/datanet-columns.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';

const GROUP_ROWS = 16_384;
/** Rows in a group are bounded by bytes, too. */
const GROUP_BYTES = 16 << 20;
/** The only column when rows have too many field names for columns. */
const WHOLE_ROW = 'row';

type ColumnType = 'STRING' | 'DOUBLE' | 'BOOLEAN' | 'JSON';

/**
 * The bytes of a Parquet file. Texts, numbers and booleans become typed columns; lists, objects and mixed columns become JSON. A
 * field that is null and one that is missing both become null.
 */
export async function* exportParquet(
  open: OpenVersion,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { columns } = open.version.stats;
  const types = new Map<string, ColumnType>(columns.map((column) => [column.name, typeOf(column)]));
  if (types.size === 0) types.set(WHOLE_ROW, 'JSON');
  const writer = new ByteWriter(1 << 16);
  const taken = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  const parquet = new ParquetWriter({
    writer,
    createdBy: 'payable',
    schema: [{ name: 'root', num_children: types.size }, ...[...types].map(([name, type]) => elementOf(name, type))],
  });
  let rows: JsonObject[] = [];
  let bytes = 0;
  const flush = (): void => {
    const columnData = [...types].map(([name, type]) => columnOf(name, type, rows));
    // The writer has no `flush`, so `write` finishes before it returns.
    void parquet.write({ columnData, rowGroupSize: rows.length });
    rows = [];
    bytes = 0;
  };
  for (const shard of open.shards) {
    signal?.throwIfAborted();
    rows.push(...(await open.rows(shard, signal)).map(({ value }) => value));
    bytes += shard.bytes;
    if (rows.length < GROUP_ROWS && bytes < GROUP_BYTES) continue;
    flush();
    yield taken();
  }
  if (rows.length > 0) flush();
  void parquet.finish();
  yield taken();
}

function typeOf({ kinds }: ColumnStats): ColumnType {
  const seen = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((kind) => kind !== 'null' && kinds[kind] > 0);
  if (seen.length !== 1) return 'JSON';
  const types = {
    string: 'STRING',
    number: 'DOUBLE',
    boolean: 'BOOLEAN',
    array: 'JSON',
    object: 'JSON',
    null: 'JSON',
  } as const;
  return types[seen[0]!];
}

function elementOf(name: string, type: ColumnType) {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  if (type === 'DOUBLE' || type === 'BOOLEAN') return { ...optional, type } as const;
  return { ...optional, type: 'BYTE_ARRAY', converted_type: type === 'STRING' ? 'UTF8' : 'JSON' } as const;
}

const columnOf = (name: string, type: ColumnType, rows: readonly JsonObject[]): ColumnSource => ({
  name,
  type,
  data: rows.map((row) => (name === WHOLE_ROW && !Object.hasOwn(row, name) ? row : (row[name] ?? null))),
});
