// A file somebody wants to contribute, and what a reader makes of it: records as they stand in the file, each with its place,
// and what could not be read. Types and limits.

import type { ByteSource } from '#lib/formats/block/car.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';

export interface ImportFile {
  name: string;
  size: number;
  /** All bytes from the beginning. */
  stream(): ByteSource;
  /** Bytes [start, end), or as many of them as there are. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Several pictures that are taken in one. */
export interface PictureSet {
  name: string;
  size: number;
  pictures: readonly ImportFile[];
}

export type ImportSource = ImportFile | PictureSet;

export interface FileRecord {
  value: JsonObject;
  /** From 1: a line, or where a file has none, a record, a paragraph or a page. */
  line: number;
}

/** Why one record cannot be used, or what of it is not kept as it stands; the others can. */
export interface ImportIssue {
  line: number;
  /** With the place, such as `rows.csv line 7`. */
  message: string;
  hint: string;
  /** The same without its place, when the record is used all the same. */
  note?: string;
  /** Path of a field whose number became a text. */
  wide?: string;
}

export interface RecordBatch {
  records: FileRecord[];
  issues: ImportIssue[];
  /** Bytes of the file that were read so far. */
  bytes: number;
}

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Between the fields of a line; default: what the first lines look like. */
  delimiter?: string | undefined;
}

export type RecordReader = (file: ImportFile, options?: ReadOptions) => AsyncGenerator<RecordBatch, void, undefined>;

/** Longest line, record or quoted field. */
export const MAX_RECORD_BYTES = 8 << 20;
/** Largest file of those formats that must be held whole. */
export const MAX_DOCUMENT_BYTES = 64 << 20;
/** Most issues that are told; of the others only the number. */
export const MAX_ISSUES = 100;
