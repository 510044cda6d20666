// A checkpoint as one file: a header in JSON, the bytes of its parts, and the sha256 of all before it. A file that was cut short or
// damaged is found out and counts as absent.

import { joinBytes } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '#lib/formats/json/json-file.ts';

export interface CheckpointFile {
  header: JsonObject;
  parts: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

const MAGIC = new TextEncoder().encode('PAYRUN1\n');
const HASH_BYTES = 32;
const HEAD = MAGIC.length + 4;

export function encodeCheckpoint({ header, parts }: CheckpointFile, digester: Digester): Uint8Array<ArrayBuffer> {
  const sizes = [...parts].map(([name, { length }]) => ({ name, length }));
  const text = new TextEncoder().encode(JSON.stringify({ header, parts: sizes }));
  const size = new Uint8Array(new Uint32Array([text.length]).buffer);
  const body = joinBytes([MAGIC, size, text, ...parts.values()]);
  const file = new Uint8Array(body.length + HASH_BYTES);
  file.set(body);
  file.set(digester.sha256(body), body.length);
  return file;
}

/** Null when the bytes are not those of a whole checkpoint. */
export function parseCheckpoint(file: Uint8Array<ArrayBuffer>, digester: Digester): CheckpointFile | null {
  const end = file.length - HASH_BYTES;
  if (end < HEAD || MAGIC.some((byte, at) => file[at] !== byte)) return null;
  const hash = digester.sha256(file.subarray(0, end));
  if (hash.some((byte, at) => file[end + at] !== byte)) return null;
  const size = new DataView(file.buffer, file.byteOffset).getUint32(MAGIC.length, true);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(HEAD, HEAD + size));
    const { header, parts } = parseJsonObject(text, 'The checkpoint');
    if (!isJsonObject(header) || !Array.isArray(parts)) return null;
    const read = new Map<string, Uint8Array<ArrayBuffer>>();
    let at = HEAD + size;
    for (const part of parts as readonly unknown[]) {
      const { name, length } = isJsonObject(part) ? part : {};
      if (typeof name !== 'string' || !isLength(length) || at + length > end) return null;
      read.set(name, file.slice(at, at + length));
      at += length;
    }
    return at === end ? { header, parts: read } : null;
  } catch (error) {
    if (error instanceof FormatError || error instanceof TypeError) return null;
    throw error;
  }
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
