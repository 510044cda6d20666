// Reads a Parquet file, one row group at a time, with hyparquet. Checks the sizes that the file claims before it allocates memory
// for them.

import {
  parquetMetadataAsync,
  parquetReadObjects,
  type AsyncBuffer,
  type FileMetaData,
  type RowGroup,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { checkParquetPages, MAX_PAGE_BYTES } from './check-parquet-pages.ts';
import { type ImportFile, type RecordBatch, type RecordReader } from './import-file.ts';
import { noteOf } from './import-note.ts';
import { readColumns, type ColumnFacts, type RowNotes } from './parquet-rows.ts';

/** Largest unpacked row group, which is held in memory. */
const MAX_GROUP_BYTES = 128 << 20;
const MAX_METADATA_BYTES = 16 << 20;
const MAX_COLUMNS = 1024;
/** Counts the entries of lists, too. */
const MAX_VALUES = 8 << 20;
const BATCH = 1024;
const HINT = 'Contribute pictures as files; write other values as texts.';

export const readParquet: RecordReader = async function* (file, { signal } = {}) {
  const buffer = bufferOf(file, signal);
  try {
    const metadata = await readMetadata(file, buffer);
    const columns = readColumns(metadata);
    const facts: ColumnFacts = { wide: new Set(), binary: new Set() };
    if (columns.unclear.length > 0) {
      for await (const { rows } of readGroups(file, buffer, columns.stored, columns.unclear)) {
        for (const row of rows) columns.look(row, facts);
      }
    }
    for await (const { rows, first } of readGroups(file, buffer, columns.stored)) {
      const end = first + rows.length;
      for (let at = 0; at < rows.length; at += BATCH) {
        const batch: RecordBatch = { records: [], issues: [], bytes: Math.floor((file.size * (first + at)) / end) };
        rows.slice(at, at + BATCH).forEach((row, offset) => {
          const line = first + at + offset + 1;
          const tell: RowNotes['tell'] = (path, what, detail) =>
            batch.issues.push(
              noteOf(`${file.name} row ${line}`, line, `column "${path.slice(0, 120)}" ${what}`, HINT, detail),
            );
          batch.records.push({ value: columns.record(row, facts, { tell }), line });
        });
        yield batch;
      }
    }
  } catch (cause) {
    if (signal?.aborted) throw new AbortedError(signal.reason);
    if (cause instanceof PayableError) throw cause;
    throw new FormatError(file.name, `it is not a valid Parquet file (${firstLine(cause)})`, {
      hint: 'Write it again with data pages of version 1, or export it as JSONL.',
      cause,
    });
  }
};

/** The stored rows of each group; an empty list for a group without rows. */
async function* readGroups(file: ImportFile, buffer: AsyncBuffer, metadata: FileMetaData, columns?: string[]) {
  let first = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    if (group.num_rows === 0n) continue;
    await checkGroup(group, index, file, buffer);
    const rows = await parquetReadObjects({
      file: buffer,
      metadata,
      rowStart: first,
      rowEnd: first + Number(group.num_rows),
      compressors: bounded,
      // Keep bytes and old timestamps raw: the schema decides what they become.
      utf8: false,
      parsers: { stringFromBytes: textOrBytes, timestampFromNanoseconds: (nanos) => nanos },
      ...(columns && { columns }),
    });
    yield { rows, first };
    first += rows.length;
  }
}

/** A text column with invalid UTF-8 stays bytes, to be reported. */
function textOrBytes(bytes: Uint8Array | undefined): string | Uint8Array | undefined {
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

/** Decompressors allocate what the header claims. */
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

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 160);
