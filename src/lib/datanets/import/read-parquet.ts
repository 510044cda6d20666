// A Parquet file as records, a row group at a time, by hyparquet. What the file claims about itself is bounded before it is
// believed.

import {
  parquetMetadataAsync,
  parquetReadObjects,
  type AsyncBuffer,
  type FileMetaData,
  type RowGroup,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { FormatError } from '#lib/core/format/errors.ts';
import type { JsonObject } from '#lib/core/format/json-file.ts';
import { checkParquetPages, MAX_PAGE_BYTES } from './check-parquet-pages.ts';
import { type ImportFile, type RecordBatch, type RecordReader } from './import-file.ts';

/** Largest row group, unpacked: it is held whole. */
const MAX_GROUP_BYTES = 128 << 20;
const MAX_METADATA_BYTES = 16 << 20;
const MAX_COLUMNS = 1024;
/** Entries of lists are values, too. */
const MAX_VALUES = 8 << 20;
const BATCH = 1024;

export const readParquet: RecordReader = async function* (file, signal) {
  const buffer = bufferOf(file, signal);
  try {
    const metadata = await readMetadata(file, buffer);
    let first = 0;
    const left = new Set<string>();
    for (const [index, group] of metadata.row_groups.entries()) {
      await checkGroup(group, index, file, buffer);
      const rowEnd = first + Number(group.num_rows);
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        rowStart: first,
        rowEnd,
        compressors: bounded,
        // Bytes stay bytes: whether they are a text is decided below.
        utf8: false,
      });
      for (let at = 0; at < rows.length; at += BATCH) {
        const batch: RecordBatch = { records: [], issues: [], bytes: Math.floor((file.size * (first + at)) / rowEnd) };
        rows.slice(at, at + BATCH).forEach((row, offset) => {
          const line = first + at + offset + 1;
          batch.records.push({ value: plainRow(row, (name) => tellLeft(name, line, file, left, batch)), line });
        });
        yield batch;
      }
      first = rowEnd;
    }
  } catch (cause) {
    if (signal?.aborted) throw new AbortedError(signal.reason);
    if (cause instanceof PayableError) throw cause;
    throw new FormatError(file.name, `it is no sound Parquet file (${firstLine(cause)})`, {
      hint: 'Write it again, or export it as JSONL.',
      cause,
    });
  }
};

/** Whoever unpacks makes room for what the header claims. */
const bounded = Object.fromEntries(
  Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (input: Uint8Array, length: number) => {
      if (length > MAX_PAGE_BYTES) throw new RangeError(`a page claims ${length} bytes`);
      return unpack(input, length);
    },
  ]),
) as typeof compressors;

const bufferOf = (file: ImportFile, signal?: AbortSignal): AsyncBuffer => ({
  byteLength: file.size,
  async slice(start, end = file.size) {
    signal?.throwIfAborted();
    const inside = start >= 0 && end <= file.size && start <= end;
    if (!inside || end - start > MAX_GROUP_BYTES) throw new RangeError(`it asks for bytes ${start} to ${end}`);
    return new Uint8Array(await file.read(start, end)).buffer;
  },
});

async function readMetadata(file: ImportFile, buffer: AsyncBuffer): Promise<FileMetaData> {
  const tail = new DataView(await buffer.slice(Math.max(0, file.size - 8)));
  const length = tail.byteLength < 8 ? 0 : tail.getUint32(0, true);
  if (length > MAX_METADATA_BYTES) throw new RangeError(`its description claims ${length} bytes`);
  const metadata = await parquetMetadataAsync(buffer);
  const groups = metadata.row_groups.reduce((sum, { num_rows: rows }) => sum + rows, 0n);
  if (groups !== metadata.num_rows) throw new RangeError(`its groups have ${groups} rows, not ${metadata.num_rows}`);
  return metadata;
}

async function checkGroup(group: RowGroup, index: number, file: ImportFile, buffer: AsyncBuffer): Promise<void> {
  const where = `row group ${index}`;
  if (group.columns.length > MAX_COLUMNS) throw new RangeError(`${where} has ${group.columns.length} columns`);
  if (group.num_rows < 0n || group.num_rows > MAX_VALUES)
    throw new RangeError(`${where} claims ${group.num_rows} rows`);
  let total = 0;
  for (const { meta_data: chunk } of group.columns) {
    if (!chunk) throw new RangeError(`${where} has a column without a description`);
    total += Number(chunk.total_uncompressed_size);
    if (chunk.num_values < 0n || chunk.num_values > MAX_VALUES)
      throw new RangeError(`${where} claims ${chunk.num_values} values`);
    if (total > MAX_GROUP_BYTES) {
      throw new FormatError(file.name, `${where} has more than ${MAX_GROUP_BYTES >> 20} MiB, and is held whole`, {
        hint: 'Write the file with smaller row groups, or export it as JSONL.',
      });
    }
    const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
    const first = Math.min(start, Number(chunk.data_page_offset)) || Number(chunk.data_page_offset);
    checkParquetPages(
      new Uint8Array(await buffer.slice(first, first + Number(chunk.total_compressed_size))),
      MAX_VALUES,
    );
  }
}

/** A row as JSON has it. Bytes have no place in it and are told. */
function plainRow(row: Record<string, unknown>, onLeft: (name: string) => void): JsonObject {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    const found = plainValue(value, 0);
    if (found === undefined) onLeft(name);
    else if (name !== '__proto__') plain[name] = found;
  }
  return plain;
}

function plainValue(value: unknown, depth: number): unknown {
  if (depth > 32) return undefined;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return value.toWellFormed();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return textOf(value);
  if (ArrayBuffer.isView(value)) return undefined;
  if (Array.isArray(value)) return value.map((entry) => plainValue(entry, depth + 1) ?? null);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [name, plainValue(entry, depth + 1) ?? null]),
    );
  }
  return value === undefined || typeof value === 'boolean' ? (value ?? null) : null;
}

/** Old writers do not say which of their bytes are text. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function tellLeft(name: string, line: number, file: ImportFile, left: Set<string>, batch: RecordBatch): void {
  if (left.has(name)) return;
  left.add(name);
  const message = `${file.name} row ${line}: column "${name.slice(0, 60)}" holds bytes, which a row cannot hold; it is left out.`;
  batch.issues.push({ line, message, hint: 'Contribute pictures as files.' });
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 160);
