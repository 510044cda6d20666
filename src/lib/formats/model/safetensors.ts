// The safetensors container: header in, checked tensor ranges out, and back.
// Trusts no number in the header; knows neither models nor storage.

import { FileTruncatedError, FormatError, UnsupportedError } from '../errors.ts';
import { findDuplicateKey, isJsonObject, parseJsonObject, type JsonObject } from '../json/json-file.ts';

/**
 * Bits per element of every type in the format, since a file may hold tensors that are never read. Other types are refused by
 * name.
 */
const DTYPE_BITS = {
  C64: 64,
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
};

export type TensorDtype = keyof typeof DTYPE_BITS;

/** Bytes of a whole tensor; a fraction when the elements do not fill the last byte. */
export const tensorBytes = (dtype: TensorDtype, shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, DTYPE_BITS[dtype]) / 8;

/** One tensor and its byte range. */
export interface TensorEntry {
  name: string;
  file: string;
  dtype: TensorDtype;
  shape: number[];
  /** Byte range [start, end) in the file, header included. */
  start: number;
  end: number;
  /** All its numbers are known to be 0: a model that has no place for it computes the same. */
  isZero?: boolean;
}

export interface SafetensorsHeader {
  tensors: TensorEntry[];
  metadata: Record<string, string>;
}

export const MAX_HEADER_BYTES = 100_000_000;
const MAX_RANK = 8;

/** Checks the first eight bytes; returns where the header's JSON ends in the file. */
export function headerEnd(lead: Uint8Array, fileSize: number, file: string): number {
  if (fileSize < 8 || lead.length < 8) {
    throw new FileTruncatedError(
      file,
      `the file has ${fileSize} bytes, less than a safetensors header length (8 bytes)`,
    );
  }
  const length = new DataView(lead.buffer, lead.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new FormatError(file, `header length ${length} is above the limit of ${MAX_HEADER_BYTES} bytes`, {
      hint: 'This is not a safetensors file, or it is damaged; fetch it again.',
    });
  }
  if (8 + Number(length) > fileSize) {
    throw new FileTruncatedError(file, `header length ${length} reaches past the end of the file (${fileSize} bytes)`);
  }
  return 8 + Number(length);
}

/**
 * Parses and checks a header. `bytes` holds at least the eight length bytes and the JSON that follows. Every returned range is
 * inside the file, has exactly the size of its shape, and overlaps no other.
 */
export function parseSafetensors(bytes: Uint8Array, fileSize: number, file: string): SafetensorsHeader {
  const dataStart = headerEnd(bytes, fileSize, file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart));
  } catch (cause) {
    throw new FormatError(file, 'the header is not valid UTF-8', { cause });
  }
  const header = parseJsonObject(text, `${file} header`);
  const twice = findDuplicateKey(text);
  if (twice !== null) throw new FormatError(file, `the name "${twice}" occurs twice in one object of the header`);

  const tensors: TensorEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = readMetadata(value, file);
    else tensors.push(readEntry(name, value, dataStart, file));
  }
  checkLayout(tensors, dataStart, fileSize, file);
  return { tensors, metadata };
}

function readMetadata(value: unknown, file: string): Record<string, string> {
  if (value === null) return {};
  if (!isJsonObject(value) || Object.values(value).some((v) => typeof v !== 'string')) {
    throw new FormatError(file, 'field "__metadata__" is not a map of strings');
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown, dataStart: number, file: string): TensorEntry {
  const fail = (what: string): never => {
    throw new FormatError(file, `tensor "${name}": ${what}`);
  };
  if (!isJsonObject(value)) return fail('the entry is not an object');
  const { dtype } = value;
  if (typeof dtype !== 'string') return fail('field "dtype" is not a string');
  if (!Object.hasOwn(DTYPE_BITS, dtype)) {
    throw new UnsupportedError(
      file,
      `tensor "${name}": dtype "${dtype.slice(0, 40)}" is not supported`,
      `Convert the file to F32, F16 or BF16 (known types: ${Object.keys(DTYPE_BITS).join(', ')}).`,
    );
  }
  const shape = readSizes(value, 'shape', fail);
  if (shape.length > MAX_RANK)
    return fail(`field "shape" has ${shape.length} dimensions; at most ${MAX_RANK} are read`);
  const offsets = readSizes(value, 'data_offsets', fail);
  const [from, to] = offsets;
  if (offsets.length !== 2 || from === undefined || to === undefined) return fail('field "data_offsets" is not a pair');
  if (from > to) return fail(`field "data_offsets" [${from}, ${to}] runs backwards`);
  const bytes = tensorBytes(dtype as TensorDtype, shape);
  if (bytes !== to - from) {
    return fail(`shape [${shape.join(', ')}] of ${dtype} needs ${bytes} bytes, "data_offsets" gives ${to - from}`);
  }
  return { name, file, dtype: dtype as TensorDtype, shape, start: dataStart + from, end: dataStart + to };
}

function readSizes(entry: JsonObject, field: string, fail: (what: string) => never): number[] {
  const value = entry[field];
  if (!Array.isArray(value)) return fail(`field "${field}" is missing or not a list`);
  for (const size of value) {
    if (!Number.isSafeInteger(size) || size < 0)
      return fail(`field "${field}" holds ${JSON.stringify(size)}, not a size`);
  }
  return value as number[];
}

/** The format allows neither holes nor overlaps, nor bytes after the last tensor. */
function checkLayout(tensors: TensorEntry[], dataStart: number, fileSize: number, file: string): void {
  let at = dataStart;
  for (const tensor of [...tensors].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (tensor.end > fileSize) {
      throw new FileTruncatedError(
        file,
        `tensor "${tensor.name}": its bytes end at ${tensor.end}, the file has only ${fileSize} bytes`,
      );
    }
    if (tensor.start !== at) {
      const what = tensor.start < at ? 'overlaps the tensor before it' : `leaves a hole of ${tensor.start - at} bytes`;
      throw new FormatError(file, `tensor "${tensor.name}": field "data_offsets" ${what}`);
    }
    at = tensor.end;
  }
  if (at !== fileSize) throw new FormatError(file, `${fileSize - at} bytes follow the last tensor`);
}

/**
 * A complete safetensors file. Tensors keep the given order; the header is padded so that data starts 8-byte aligned.
 */
export function encodeSafetensors(
  tensors: readonly { name: string; dtype: TensorDtype; shape: readonly number[]; data: ArrayBufferView }[],
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  for (const { name, dtype, shape, data } of tensors) {
    const bytes = tensorBytes(dtype, shape);
    if (bytes === data.byteLength) continue;
    throw new FormatError(name, `shape [${shape.join(', ')}] of ${dtype} needs ${bytes} bytes, got ${data.byteLength}`);
  }
  const head = encodeSafetensorsHead(tensors, metadata);
  const out = new Uint8Array(tensors.reduce((sum, { data }) => sum + data.byteLength, head.length));
  out.set(head);
  let to = head.length;
  for (const { data } of tensors) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), to);
    to += data.byteLength;
  }
  return out;
}

/** What stands before the bytes of tensors that follow in the given order without gaps, padded so that data starts 8-byte aligned. */
export function encodeSafetensorsHead(
  tensors: readonly { name: string; dtype: TensorDtype; shape: readonly number[] }[],
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  // A map without prototype, so that `__proto__` is a normal name.
  const header = Object.assign(Object.create(null) as Record<string, unknown>, { __metadata__: metadata });
  let at = 0;
  for (const { name, dtype, shape } of tensors) {
    if (Object.hasOwn(header, name)) throw new FormatError(name, 'two tensors have this name');
    header[name] = { dtype, shape, data_offsets: [at, (at += tensorBytes(dtype, shape))] };
  }
  let json = JSON.stringify(header);
  const encoder = new TextEncoder();
  json += ' '.repeat((8 - (encoder.encode(json).length % 8)) % 8);
  const encoded = encoder.encode(json);
  const out = new Uint8Array(8 + encoded.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(encoded.length), true);
  out.set(encoded, 8);
  return out;
}
