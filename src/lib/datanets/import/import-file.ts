// Types and limits of importing: the file, the records that a reader makes of it, each with its place, and the issues.

import type { ByteSource } from '#lib/formats/block/car.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';

export interface ImportFile {
  name: string;
  size: number;
  /** All bytes from the start. */
  stream(): ByteSource;
  /** Bytes [start, end), or as many of them as exist. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Several pictures imported together. */
export interface PictureSet {
  name: string;
  size: number;
  pictures: readonly ImportFile[];
}

export type ImportSource = ImportFile | PictureSet;

export interface FileRecord {
  value: JsonObject;
  /** From 1: a line; in files without lines a record, paragraph or page. */
  line: number;
}

/** Why one record cannot be used, or which part of it was changed. Other records are not affected. */
export interface ImportIssue {
  line: number;
  /** Includes the place, such as `rows.csv line 7`. */
  message: string;
  hint: string;
  /** The message without its place, when the record is still used. */
  note?: string;
  /** Path of the field whose number became a text. */
  wide?: string;
}

export interface RecordBatch {
  records: FileRecord[];
  issues: ImportIssue[];
  /** Bytes of the file read so far. */
  bytes: number;
}

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Separates the fields of a line; by default guessed from the first lines. */
  delimiter?: string | undefined;
}

export type RecordReader = (file: ImportFile, options?: ReadOptions) => AsyncGenerator<RecordBatch, void, undefined>;

/** Longest line, record or quoted field. */
export const MAX_RECORD_BYTES = 8 << 20;
/** Largest file of a format that must be held in memory. */
export const MAX_DOCUMENT_BYTES = 64 << 20;
/** Issues reported in full; further ones are only counted. */
export const MAX_ISSUES = 100;
